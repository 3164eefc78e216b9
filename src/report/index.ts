/** Reports: a RunResult in, text out. */
export { changeText, changeWithInterval, metricText } from './facts.js';
export { metricsCsv } from './csv/metrics-csv.js';
export { seriesCsv } from './csv/series-csv.js';
export {
  isReportFormat,
  renderReport,
  reportFileName,
  reportFormat,
  reportFormats,
  type ReportFormat,
} from './formats.js';
export { historyPage, type History, type HistoryPlot, type HistoryRun } from './html/history-page.js';
export { htmlReport } from './html/page.js';
export { runJson } from './json.js';
export { junitXml } from './junit/junit.js';
export { markdownMarker, markdownReport } from './markdown/markdown.js';
export {
  prometheusContentType,
  prometheusName,
  prometheusText,
  runMetrics,
  type BucketPoint,
  type ExportedMetric,
  type ValuePoint,
} from './prometheus/index.js';
export {
  count,
  displayWidth,
  fit,
  heatStrip,
  left,
  markOf,
  number,
  painter,
  percent,
  progressBar,
  quantity,
  right,
  sparkline,
  table,
  wrap,
  type Column,
  type Paint,
  type Tone,
} from './terminal/index.js';
export { metricPlot, type PlotPoint } from './terminal/metric-plot.js';
export { summaryText, type SummaryMode, type SummaryOptions } from './terminal/summary.js';
