import { judgeLeak, type Growth, type LeakFinding, type ResourceSample } from '../../analysis/index.js';
import type { LoadedPart } from '../suite-test.js';

/** Samples closer than this tell the same twice: the target's memory is read every 250 ms. */
const leastGapS = 0.24;

/**
 * The target's memory by how many calls (each with a session of its own) were done: from the series of a load. Empty where the
 * target's process is not seen.
 */
export function memoryByCalls({ parts: { series } }: LoadedPart): ResourceSample[] {
  const rss = series['target.rss'];
  const throughput = series['throughput'];
  const failures = series['failures'];
  if (rss === undefined || throughput === undefined) return [];
  const samples: ResourceSample[] = [];
  let calls = 0;
  let before = 0;
  let kept = -Infinity;
  for (const [i, t] of series.t.entries()) {
    calls += (throughput[i] ?? 0) * (t - before) + (failures?.[i] ?? 0);
    before = t;
    const megabytes = rss[i];
    if (megabytes == null || t - kept < leastGapS) continue;
    kept = t;
    samples.push({ t, calls: Math.round(calls), value: megabytes * 1e6 });
  }
  return samples;
}

/** What sessions leave behind in memory, beyond what the same calls in one session do. */
export interface SessionGrowth {
  finding: LeakFinding;
  /** Bytes per session; null where too little was seen. */
  perSession: Growth | null;
}

/**
 * Judges the growth per session.
 *
 * @param shared the same calls in one session: what they leak is the calls', where that is shown.
 * @param boundBytes growth per session that is accepted.
 */
export function judgeSessions(
  sessions: readonly ResourceSample[],
  shared: readonly ResourceSample[],
  boundBytes: number,
): SessionGrowth {
  const control = judgeLeak({ resource: 'memory', load: shared });
  const perCall = control.verdict === 'leaking' ? control.perCall.value : 0;
  const own = sessions.map((sample) => ({ ...sample, value: sample.value - perCall * sample.calls }));
  const finding = judgeLeak({ resource: 'memory', load: own, boundPerCall: boundBytes });
  return { finding, perSession: evidenceOf(finding) };
}

function evidenceOf(finding: LeakFinding): Growth | null {
  return finding.verdict === 'undecidable' ? (finding.evidence?.perCall ?? null) : finding.perCall;
}
