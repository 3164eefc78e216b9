import type { LeakEvidence, LeakFinding } from '../../analysis/index.js';
import type { Json } from '../../core/json.js';
import type { Metrics } from '../../core/run-result.js';
import type { TestOutcome } from '../suite-test.js';
import type { FoundLeak } from './find-leaks.js';

/**
 * An outcome with what was found of leaks: rates as metrics, all findings in `details.leaks`; a leak fails it, what could
 * not be decided is not judged.
 */
export function withLeaks(outcome: TestOutcome, found: readonly FoundLeak[]): TestOutcome {
  const leaking = found.filter(({ finding }) => finding.verdict === 'leaking');
  const reasons = [
    ...(outcome.reason === undefined ? [] : [outcome.reason]),
    ...leaking.map(({ resource, finding }) => `${named(resource)}: ${finding.reason}`),
  ];
  return {
    ...outcome,
    metrics: { ...outcome.metrics, ...Object.assign({}, ...found.map(metricsOf)) },
    notJudged: [
      ...(outcome.notJudged ?? []),
      ...found.flatMap(({ resource, finding }) =>
        finding.verdict === 'undecidable' ? [`leak of ${named(resource)}: ${finding.reason}`] : [],
      ),
    ],
    details: { ...outcome.details, leaks: found.map(detailsOf) },
    ...(leaking.length > 0
      ? { status: 'fail', reason: reasons.join('; ') }
      : found.length > 0 && found.every(({ finding }) => finding.verdict === 'clean')
        ? { finding: `nothing leaks: ${found.map(cleared).join(', ')}` }
        : {}),
  };
}

const names: Record<string, string> = { fds: 'file descriptors' };

function named(resource: string): string {
  return names[resource] ?? resource;
}

/** What was cleared of leaking; of memory, down to which growth. */
function cleared({ resource, finding }: FoundLeak): string {
  if (resource !== 'memory' || finding.verdict !== 'clean' || finding.excludedPerCall === null)
    return named(resource);
  return `${named(resource)} (no growth above ${Number(finding.excludedPerCall.toPrecision(2))} bytes per call)`;
}

function evidenceOf(finding: LeakFinding): LeakEvidence | null {
  return finding.verdict === 'undecidable' ? finding.evidence : finding;
}

function metricsOf({ resource, finding }: FoundLeak): Metrics {
  const evidence = evidenceOf(finding);
  if (evidence === null) return {};
  const { perCall, perHour } = evidence;
  if (resource !== 'memory') {
    return { [`leak.${resource}_per_call`]: { value: perCall.value, unit: 'count', ci95: perCall.ci95 } };
  }
  return {
    'leak.bytes_per_call': { value: perCall.value, unit: 'B', ci95: perCall.ci95 },
    'leak.mb_per_hour': { value: perHour.value, unit: 'MB/h', ci95: perHour.ci95 },
  };
}

function detailsOf({ resource, finding }: FoundLeak): Json {
  const evidence = evidenceOf(finding);
  return {
    resource,
    verdict: finding.verdict,
    reason: finding.reason,
    ...(evidence === null
      ? {}
      : {
          per_call: evidence.perCall.value,
          per_call_ci95: evidence.perCall.ci95,
          per_hour: evidence.perHour.value,
          rise: evidence.rise,
          noise: evidence.noise,
          p_rise: evidence.pRise,
          retained: evidence.retained,
          minutes: evidence.minutes,
          calls: evidence.calls,
        }),
  };
}
