import type { ThresholdOperator, ThresholdResult } from '../core/index.js';

/** What a threshold is judged by. All numbers in the unit of the metric. */
export interface ThresholdQuestion {
  /** Null where too few samples allow no value. */
  observed: number | null;
  op: ThresholdOperator;
  limit: number;
  /** The load generator was at its limit: see {@link judgeGenerator}. */
  limited: boolean;
  /**
   * The uncertainty of what was observed. When it reaches over the limit, the noise is wider than the question. Leave it
   * out for what is judged as it was seen, such as a count, a maximum or a share of these very calls.
   */
  ci95?: readonly [number, number] | null;
}

/** A judged threshold; the reason is there unless it passed. */
export interface ThresholdJudgement {
  status: ThresholdResult['status'];
  reason?: string;
}

/** True when `value op limit` holds. */
export function meets(value: number, op: ThresholdOperator, limit: number): boolean {
  switch (op) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
  }
}

/**
 * Judges one threshold. No value is inconclusive; so is an interval that reaches over the limit. A limited generator only
 * makes results worse: what passes anyway passes, what fails is inconclusive.
 */
export function judgeThreshold({
  observed,
  op,
  limit,
  limited,
  ci95,
}: ThresholdQuestion): ThresholdJudgement {
  if (observed === null || !Number.isFinite(observed)) {
    return { status: 'inconclusive', reason: 'too few samples for a value' };
  }
  const passed = meets(observed, op, limit);
  if (ci95 && (meets(ci95[0], op, limit) !== passed || meets(ci95[1], op, limit) !== passed)) {
    return {
      status: 'inconclusive',
      reason: `the noise is wider than the question: 95 % interval ${short(ci95[0])} to ${short(ci95[1])}, limit ${op} ${limit}`,
    };
  }
  if (passed) return { status: 'pass' };
  const miss = `observed ${short(observed)}, limit ${op} ${limit}`;
  if (limited) return { status: 'inconclusive', reason: `${miss}, but the load generator was at its limit` };
  return { status: 'fail', reason: miss };
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
