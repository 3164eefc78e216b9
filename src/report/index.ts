/** Reports: a RunResult in, text out. */
export { displayWidth, fit, left, right, wrap } from './terminal/display-width.js';
export { count, number, percent, quantity } from './terminal/numbers.js';
export { markOf, painter, type Paint, type Tone } from './terminal/paint.js';
export { heatStrip, progressBar, sparkline } from './terminal/sparkline.js';
export { summaryText, type SummaryMode, type SummaryOptions } from './terminal/summary.js';
export { table, type Column } from './terminal/table.js';
