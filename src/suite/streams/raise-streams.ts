import { setTimeout as wait } from 'node:timers/promises';
import { theilSen } from '../../analysis/index.js';
import type { Metric } from '../../core/run-result.js';
import { StreamThread, type LoadTarget, type StreamReport } from '../../load/index.js';
import type { Bench } from '../bench.js';
import { TargetWatch } from '../target-watch.js';

/** How streams are raised. */
export interface RaiseStreamsPlan {
  wanted: number;
  /** The target's memory is looked at after each. */
  steps: number;
  openTimeoutMs: number;
  resources: string[];
  stop: AbortSignal;
}

/** Streams that are held. */
export interface RaisedStreams {
  report: StreamReport;
  /** Bytes of the target for each stream; undefined where its memory is not seen. */
  memory: Metric | undefined;
  /** Why it is not. */
  unseen: string;
  /** Closes them; the last report, undefined where there was one already. Never rejects. */
  close(): Promise<StreamReport | undefined>;
}

/** A server allocates a while after it has answered, ms. */
const settleMs = 200;
const leastPoints = 3;

/** Opens streams step by step and holds them; `none` says why the target has none to hold. */
export async function raiseStreams(
  bench: Bench,
  { wanted, steps, openTimeoutMs, resources, stop }: RaiseStreamsPlan,
): Promise<RaisedStreams | { none: string }> {
  const target = bench.loadTarget as Extract<LoadTarget, { kind: 'http' }>;
  const thread = new StreamThread({ target, resources, openTimeoutMs });
  let closing: Promise<StreamReport | undefined> | undefined;
  const close = () => (closing === undefined ? (closing = thread.close()) : closing.then(() => undefined));
  try {
    let report = await thread.raise(1, stop);
    await wait(settleMs);
    if (report.opened === 1) report = await thread.look();
    const none = whyNone(report);
    if (none !== undefined) {
      await close();
      return { none };
    }
    const watch = new TargetWatch();
    watch.start(bench.resources([]));
    const points: { held: number; bytes: number }[] = [];
    for (let step = 1; step <= steps && !stop.aborted; step++) {
      report = await thread.raise(Math.ceil((wanted * step) / steps), stop);
      await wait(settleMs);
      await watch.look();
      const seen = watch.samples().at(-1);
      if (seen !== undefined) points.push({ held: report.held, bytes: seen.rssBytes });
      if (report.limit !== undefined) break;
    }
    const { notes } = await watch.stop();
    return { report, memory: memoryOf(points), unseen: notes[0] ?? 'too few streams were opened', close };
  } catch (error) {
    await close();
    throw error;
  }
}

function whyNone(report: StreamReport): string | undefined {
  if (report.notOffered !== undefined)
    return `the target has no event streams (the request for one was answered with ${report.notOffered})`;
  // In the stateless era a server that has nothing to tell of ends the stream at once.
  return report.opened === 1 && report.held === 0
    ? 'the target ends event streams as soon as they are open: it has nothing to tell on them'
    : undefined;
}

function memoryOf(points: readonly { held: number; bytes: number }[]): Metric | undefined {
  if (points.length < leastPoints) return undefined;
  const slope = theilSen(
    points.map(({ held }) => held),
    points.map(({ bytes }) => bytes),
  );
  if (slope === null) return undefined;
  const ci95 = slope.ci95 === null ? null : ([Math.round(slope.ci95[0]), Math.round(slope.ci95[1])] as const);
  return { value: Math.round(slope.slope), unit: 'B', ci95: ci95 === null ? null : [ci95[0], ci95[1]] };
}
