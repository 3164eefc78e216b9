import { usageError, type ThresholdOperator } from '../../core/index.js';
import { findMetric, nearestMetric } from './metric.js';
import { allowedUnits, ownUnit, unitFactor } from './unit.js';

/** A limit on one metric, with its number in the metric's own unit. */
export interface Threshold {
  /** As its author wrote it, or the variable it came from, such as `PERF_P95_LATENCY_MS`. */
  name: string;
  /** The test it belongs to; absent: every test that measures the metric. */
  test?: string;
  /** The full flat name, such as `latency.p95` or `at_5.success_rate`. */
  metric: string;
  /** The operation it looks at, such as `tools/call echo`; absent: the whole test. */
  operation?: string;
  op: ThresholdOperator;
  limit: number;
  /** The metric's own unit, in which `limit` is; empty for counts and shares. */
  unit: string;
  /** Stop the run when it fails, judged again and again from `delayMs` after the start of a test. */
  abortOnFail?: { delayMs: number };
}

const shape =
  /^\s*(?:([a-z][a-z0-9_-]*)\s*:)?\s*([^\s<>=!:{}]+)\s*(?:\{\s*([^{}]*?)\s*\})?\s*(<=|>=|<|>|==?|!=|=<|=>)\s*([^\s]*?)\s*([%µa-z/]*)\s*$/i;

const example = "write it like 'latency.p95 < 200ms' or 'single-tool-latency:p99 <= 0.5s'";

/**
 * Reads `[test:]metric[{operation=NAME}] op value[unit]`.
 *
 * @param what names the place in errors: `--threshold`.
 * @throws DynoError (104): not of that form, an operator or metric that does not exist (with the nearest one), a value
 *   that is no number, a unit that the metric does not have.
 */
export function parseThreshold(text: string, what: string): Threshold {
  const match = shape.exec(text);
  if (!match) throw usageError(`Expected ${what} to be a threshold, got '${text}'`, `${capital(example)}.`);
  const [, test, metricName, selector, op, number, unit] = match;
  if (!isOperator(op!)) {
    throw usageError(
      `Expected the operator of ${what} '${text}' to be one of < <= > >=, got '${op!}'`,
      `${capital(example)}.`,
    );
  }
  const metric = findMetric(metricName!);
  if (!metric) {
    const near = nearestMetric(metricName!);
    throw usageError(
      `Expected ${what} '${text}' to name a known metric, got '${metricName!}'`,
      near === undefined ? 'docs/options.md lists the metrics.' : `Did you mean '${near}'?`,
    );
  }
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number!) ? Number(number) : NaN;
  if (!Number.isFinite(value)) {
    throw usageError(`Expected the limit of ${what} '${text}' to be a number, got '${number!}${unit!}'`);
  }
  const factor = unitFactor(metric.dimension, unit!);
  if (factor === undefined) {
    const allowed = allowedUnits(metric.dimension);
    throw usageError(
      `Expected ${what} '${text}' to use ${
        allowed.length === 0
          ? `no unit (${metric.name} is a plain number)`
          : `one of the units ${allowed.join(', ')}`
      }, got '${unit!}'`,
    );
  }
  // 99.9 % is 0.999, not 0.9990000000000001.
  const limit = Number((value * factor).toPrecision(12));
  if (metric.dimension === 'share' && (limit < 0 || limit > 1)) {
    throw usageError(
      `Expected the limit of ${what} '${text}' to be a share from 0 to 1 (or 0% to 100%), got '${number!}${unit!}'`,
    );
  }
  return {
    name: text.trim(),
    ...(test === undefined ? {} : { test }),
    metric: metric.name,
    ...(selector === undefined ? {} : { operation: parseSelector(selector, text, what) }),
    op,
    limit,
    unit: ownUnit(metric.dimension),
  };
}

function parseSelector(selector: string, text: string, what: string): string {
  const match = /^operation\s*=\s*(.+)$/s.exec(selector);
  if (!match) {
    throw usageError(
      `Expected the braces in ${what} '${text}' to hold operation=NAME, got '${selector}'`,
      "For one tool: 'latency.p95{operation=tools/call echo} < 200ms'.",
    );
  }
  return match[1]!.replace(/^(["'])(.*)\1$/s, '$2').trim();
}

/** Which of two thresholds replace each other when a higher layer (flag over environment over file) sets both. */
export function thresholdKey(threshold: Threshold): string {
  const side = threshold.op.startsWith('<') ? 'upper' : 'lower';
  return JSON.stringify([threshold.test ?? '', threshold.metric, threshold.operation ?? '', side]);
}

function isOperator(op: string): op is ThresholdOperator {
  return op === '<' || op === '<=' || op === '>' || op === '>=';
}

function capital(sentence: string): string {
  return sentence[0]!.toUpperCase() + sentence.slice(1);
}
