import { judgeThreshold } from '../analysis/threshold.js';
import type { Metric, TestResult, ThresholdResult } from '../core/run-result.js';
import type { Threshold } from '../plan/thresholds/index.js';
import type { TestOutcome } from './suite-test.js';

/**
 * A result with its thresholds judged and its status decided: an error or a skip stays; a fault that the test itself found,
 * a failed threshold, or calls of which none came out ok fail it; anything undecided makes it inconclusive.
 */
export function judged(
  result: TestResult,
  outcome: TestOutcome,
  thresholds: readonly Threshold[],
  stopped: boolean,
): TestResult {
  const limited = result.generator?.limited === true;
  const reasons: string[] = [];
  const judgements = thresholds.flatMap((threshold) => {
    const found = metricFor(result, threshold);
    if (found === undefined) return [];
    const { value, ci95 } = found;
    const { op, limit, metric, name, operation, unit } = threshold;
    const judgement = judgeThreshold({
      observed: value,
      op,
      limit,
      limited,
      ci95: judgedByInterval(metric) ? (ci95 ?? null) : null,
    });
    const bound = outcome.lowerBounds?.[metric];
    const open = judgement.status === 'fail' && bound !== undefined && op.startsWith('>');
    const status = open ? 'inconclusive' : judgement.status;
    if (status === 'inconclusive')
      reasons.push(
        `${name}: ${open ? `at least ${value ?? 0}, ${bound}` : (judgement.reason ?? 'undecided')}`,
      );
    const decided: ThresholdResult = {
      name,
      metric,
      op,
      limit,
      observed: value,
      status,
      ...(operation === undefined ? {} : { operation }),
      ...(unit === '' ? {} : { unit }),
    };
    return [decided];
  });
  const { status, reason } = statusOf(result, outcome, judgements, stopped);
  const undecided = status === 'inconclusive' ? reasons.join('; ') : undefined;
  const why = reason ?? (status === 'pass' ? outcome.finding : undecided);
  return {
    ...result,
    thresholds: judgements,
    status,
    ...(why === undefined || why === '' ? {} : { reason: why }),
  };
}

/** Intervals decide for percentiles, which are estimates; counts, shares and maxima are judged as they were seen. */
function judgedByInterval(metric: string): boolean {
  return /\.p(50|90|95|99|999)$/.test(metric);
}

/** A metric that this test does not measure has nothing to be judged. */
function metricFor(result: TestResult, threshold: Threshold): Metric | undefined {
  if (threshold.operation === undefined) return result.metrics[threshold.metric];
  return result.operations[threshold.operation]?.metrics[threshold.metric];
}

function statusOf(
  result: TestResult,
  outcome: TestOutcome,
  judgements: readonly ThresholdResult[],
  stopped: boolean,
): { status: TestResult['status']; reason?: string } {
  const given = outcome.reason === undefined ? {} : { reason: outcome.reason };
  if (outcome.status === 'error' || outcome.status === 'skipped') return { status: outcome.status, ...given };
  const total = result.metrics['calls.total']?.value;
  const ok = result.metrics['calls.ok']?.value;
  if (ok === 0 && total !== undefined && total !== null && total > 0) {
    const [first] = result.failures;
    return {
      status: 'fail',
      reason: `none of ${total} calls came out ok${first === undefined ? '' : ` (${first.class}: ${first.message})`}`,
    };
  }
  if (total === 0) {
    return {
      status: 'inconclusive',
      reason: stopped
        ? 'stopped before the first call was answered'
        : 'no call was made within the time of the test: give it a longer duration in the config',
    };
  }
  if (outcome.status === 'fail') return { status: 'fail', ...given };
  if (judgements.some((judgement) => judgement.status === 'fail')) return { status: 'fail', ...given };
  if (outcome.status === 'inconclusive') return { status: 'inconclusive', ...given };
  if (judgements.some((judgement) => judgement.status === 'inconclusive'))
    return { status: 'inconclusive', ...given };
  return { status: 'pass', ...given };
}
