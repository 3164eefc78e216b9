import { directionOf, findChangePoints } from '../../analysis/index.js';
import { printableLine, type RunResult } from '../../core/index.js';
import { number } from '../../report/terminal/numbers.js';
import { readRunFile, runPath, type MetricPoint, type RunFilter, type RunIndex } from '../../store/index.js';

/** A place in the history of a metric where its level changed, and where that began. */
export interface HistoryChange {
  /** `TEST:METRIC`. */
  metric: string;
  /** The first run after the change; its commit is empty where none was known. */
  run: string;
  startedAt: string;
  commit: string;
  before: number;
  after: number;
  /** after/before − 1; null where before is 0. */
  change: number | null;
  verdict: 'regression' | 'improvement' | 'neutral';
  pValue: number;
  /** The last run before the change, and its commit: the change came between the two. */
  lastBefore: { run: string; commit: string };
  /** What else changed between the two runs, such as the machine: a sentence each. */
  alsoChanged: string[];
}

/** What the history of one metric shows, or why nothing can be said. */
export type MetricChanges =
  { kind: 'judged'; changes: HistoryChange[] } | { kind: 'not judged'; reason: string };

/** So many runs are looked at where `--limit` says nothing. */
export const changeRuns = 200;

/**
 * The change points of a metric: runs of one server after another, oldest first.
 *
 * @param name `TEST:METRIC`.
 */
export async function changesOf(
  name: string,
  points: readonly MetricPoint[],
  directory: string,
): Promise<MetricChanges> {
  const found = findChangePoints(points.map((point) => point.value));
  if (found.kind === 'not judged') return found;
  const direction = directionOf(name.slice(name.indexOf(':') + 1));
  const changes: HistoryChange[] = [];
  for (const { index, before, after, change, pValue } of found.changes) {
    const [last, first] = [points[index - 1]!, points[index]!];
    const grew = after > before;
    changes.push({
      metric: name,
      run: first.id,
      startedAt: first.startedAt,
      commit: first.commit,
      before,
      after,
      change,
      verdict:
        direction === 'none' ? 'neutral' : grew === (direction === 'lower') ? 'regression' : 'improvement',
      pValue,
      lastBefore: { run: last.id, commit: last.commit },
      alsoChanged: await alsoChanged(directory, last.id, first.id),
    });
  }
  return { kind: 'judged', changes };
}

/** What else changed between two runs; nothing where a file cannot be read. */
async function alsoChanged(directory: string, before: string, after: string): Promise<string[]> {
  const [left, right] = await Promise.all([before, after].map((id) => stored(directory, id)));
  if (left === undefined || right === undefined) return [];
  const found: string[] = [];
  const differ = (what: string, a: string, b: string) => {
    if (a !== b) found.push(`${what}: ${printableLine(a, 100)} before, then ${printableLine(b, 100)}`);
  };
  const machine = ({ environment }: RunResult) => `${environment.cpu} × ${environment.cores}`;
  differ('another machine', machine(left), machine(right));
  differ('another system', left.environment.os, right.environment.os);
  differ('another Node', left.environment.node, right.environment.node);
  differ('another dyno', left.tool.version, right.tool.version);
  differ('another profile', profileOf(left), profileOf(right));
  return found;
}

function profileOf({ plan }: RunResult): string {
  const options = plan['options'] as Record<string, { value?: unknown } | undefined> | undefined;
  const value = options?.['profile']?.value;
  return typeof value === 'string' ? value : '';
}

async function stored(directory: string, id: string): Promise<RunResult | undefined> {
  const path = await runPath(directory, id);
  return path === undefined ? undefined : await readRunFile(path).catch(() => undefined);
}

const verdictWords = { regression: '✗ worse', improvement: '✓ better', neutral: '– other' } as const;

/** A change in lines: when, which commit, how much; and what else changed there. */
export function changeLines(change: HistoryChange, withMetric: boolean): string[] {
  const { startedAt, commit, before, after, lastBefore, run } = change;
  const moment = startedAt.slice(0, 16).replace('T', ' ');
  const size =
    change.change === null
      ? ''
      : `${change.change < 0 ? '−' : '+'}${number(Math.abs(100 * change.change)) || '0'} %`;
  const where = commit === '' ? `run ${run}` : `commit ${printableLine(commit.slice(0, 9), 9)}, run ${run}`;
  const since =
    lastBefore.commit !== '' && commit !== '' && lastBefore.commit !== commit
      ? ` (last without it: ${printableLine(lastBefore.commit.slice(0, 9), 9)})`
      : '';
  return [
    `${verdictWords[change.verdict]}  ${withMetric ? `${printableLine(change.metric, 80)}  ` : ''}${size}  ${number(before)} → ${number(after)}`,
    `         since ${printableLine(moment, 16)}, ${where}${since}`,
    ...change.alsoChanged.map((sentence) => `         ⚠ ${sentence}`),
  ];
}

/** What is looked through for `--changes`: figures that mean something in every run of a test. */
const watched =
  /:(latency\.(p50|p95|p99)|throughput|success_rate|target\.rss\.max|capacity\..*|.*_time\.(p50|p95)|record_rate)$/;

/** All changes of all watched metrics, newest first, and what could not be judged. */
export async function allChanges(
  index: RunIndex,
  filter: RunFilter,
  directory: string,
): Promise<{ changes: HistoryChange[]; judged: number; notJudged: { metric: string; reason: string }[] }> {
  const changes: HistoryChange[] = [];
  const notJudged: { metric: string; reason: string }[] = [];
  let judged = 0;
  for (const name of index.metricNames().filter((one) => watched.test(one))) {
    const points = index.metric(name, { limit: changeRuns, ...filter });
    const found = await changesOf(name, points, directory);
    if (found.kind === 'not judged') notJudged.push({ metric: name, reason: found.reason });
    else {
      judged++;
      changes.push(...found.changes);
    }
  }
  changes.sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));
  return { changes, judged, notJudged };
}
