/** What lines for a terminal are drawn with: what is shown while a run goes on needs no more of the reports than this. */
export { displayWidth, fit, left, right, wrap } from './display-width.js';
export { count, number, percent, quantity } from './numbers.js';
export { markOf, painter, type Paint, type Tone } from './paint.js';
export { heatStrip, progressBar, sparkline } from './sparkline.js';
export { table, type Column } from './table.js';
