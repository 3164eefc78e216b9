/** Test data with shapes, made on top of a tool's schema: valid data of several kinds, and data that the schema forbids. */
export { dataShapes, dataSizes, type DataSample, type DataShape, type ShapedData } from './data-shape.js';
export { invalidArguments, type InvalidArguments } from './invalid-arguments.js';
export { shortForm } from './short-form.js';
export { shapedData, type ShapeRequest } from './shaped-data.js';
