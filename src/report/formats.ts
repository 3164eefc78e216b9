import { didYouMean, usageError, type RunResult } from '../core/index.js';
import { metricsCsv } from './csv/metrics-csv.js';
import { seriesCsv } from './csv/series-csv.js';
import { htmlReport } from './html/page.js';
import { runJson } from './json.js';
import { junitXml } from './junit/junit.js';
import { markdownReport } from './markdown/markdown.js';
import { runPrometheus } from './prometheus/index.js';

/** How a format is written, and the name of its file where the user gives none. */
interface Format {
  file: string;
  render: (run: RunResult) => string;
}

const formats = {
  json: { file: 'run.json', render: runJson },
  html: { file: 'report.html', render: htmlReport },
  markdown: { file: 'report.md', render: markdownReport },
  junit: { file: 'junit.xml', render: junitXml },
  csv: { file: 'metrics.csv', render: metricsCsv },
  'csv-series': { file: 'series.csv', render: seriesCsv },
  prometheus: { file: 'metrics.prom', render: runPrometheus },
} as const satisfies Record<string, Format>;

/** A format that a run can be written in. */
export type ReportFormat = keyof typeof formats;

/** All formats, in the order of help. */
export const reportFormats = Object.keys(formats) as readonly ReportFormat[];

/** True for the name of a format. */
export function isReportFormat(name: string): name is ReportFormat {
  return Object.hasOwn(formats, name);
}

/** The format of this name. @throws DynoError (104) for another name. */
export function reportFormat(name: string): ReportFormat {
  if (isReportFormat(name)) return name;
  throw usageError(
    `There is no report format '${name}'`,
    didYouMean(name, reportFormats) ?? `Formats: ${reportFormats.join(', ')}.`,
  );
}

/** The file name of a format where none is given, such as `report.html`. */
export function reportFileName(format: ReportFormat): string {
  return formats[format].file;
}

/** A run as the text of a file in a format. */
export function renderReport(format: ReportFormat, run: RunResult): string {
  return formats[format].render(run);
}
