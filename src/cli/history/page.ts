import { dirname, resolve } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { DynoError, messageOf, usageError } from '../../core/index.js';
import { historyPage, type HistoryPlot } from '../../report/html/history-page.js';
import { writeWhole, type RunFilter, type RunIndex } from '../../store/index.js';
import { changeLines, changesOf } from './changes.js';

/** What a person looks at first, where no metric is named. */
const main =
  /(?<!at_\d+\.)(?:latency\.(?:p50|p99)|throughput|success_rate|target\.rss\.max|leak\.bytes_per_call|capacity\.max_throughput)$/;
const mostPlots = 24;
const mostRuns = 500;

/** The file of `-o html=FILE`. @throws DynoError (104) for another format, or no file. */
export function pageFile(text: string): string {
  const [, file] = /^html=(.+)$/s.exec(text) ?? [];
  if (file !== undefined) return file;
  throw usageError(
    `Expected --out of dyno history to be html=FILE, got '${text}'`,
    'Such as -o html=history.html',
  );
}

/**
 * Writes the page of a history: the metrics named, else those that matter most, over the newest runs of the filter.
 *
 * @returns what was written, in a line.
 * @throws DynoError (1) where the file cannot be written.
 */
export async function writeHistoryPage(
  index: RunIndex,
  {
    filter,
    directory,
    file,
    metric,
  }: { filter: RunFilter; directory: string; file: string; metric: string | undefined },
): Promise<string> {
  const names =
    metric === undefined
      ? index
          .metricNames()
          .filter((name) => main.test(name))
          .slice(0, mostPlots)
      : [metric];
  const plots: HistoryPlot[] = [];
  for (const name of names) {
    const points = index.metric(name, { limit: mostRuns, ...filter });
    if (points.length === 0) continue;
    const found = await changesOf(name, points, directory);
    plots.push({
      name,
      points,
      changes:
        found.kind === 'judged'
          ? found.changes.map((change) => ({
              run: change.run,
              sentence: changeLines(change, false).join(' ').trim(),
            }))
          : [],
      ...(found.kind === 'judged' ? {} : { notJudged: found.reason }),
    });
  }
  // What changed is what the page is opened for.
  plots.sort((a, b) => Number(b.changes.length > 0) - Number(a.changes.length > 0));
  const runs = index.list({ limit: mostRuns, ...filter });
  const path = resolve(file);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, historyPage({ directory, size: index.size, runs, plots }));
  } catch (cause) {
    throw new DynoError(`The history cannot be written to ${file}: ${messageOf(cause)}`, {
      code: 'report-file',
      cause,
    });
  }
  return `${plots.length} metrics of ${runs.length} runs: ${file}\n`;
}
