import { usageError } from '../../../core/index.js';
import { shown } from '../../shown.js';
import { checkMetricName } from '../names.js';
import type { Statistic } from '../series.js';

/** How bad it is. */
export const severities = ['info', 'warning', 'error', 'critical'] as const;

/** How bad it is. */
export type Severity = (typeof severities)[number];

/** Which series of a metric: each label must have this value, or be there (true), or not be there (false). */
export type LabelMatch = Readonly<Record<string, string | boolean>>;

/** Series of a metric. */
export interface MetricSelection {
  readonly metric: string;
  readonly where?: LabelMatch | undefined;
}

/** What a rule looks at. */
export type AlertSignal =
  /** A statistic of each series by itself: the value of a counter or gauge, p95 and the like of the others. */
  | (MetricSelection & { readonly kind: 'value'; readonly statistic?: Statistic | undefined })
  /** The growth per second of a counter, or of the number of values of a histogram, over the last `windowMs`. */
  | (MetricSelection & {
      readonly kind: 'rate';
      readonly windowMs: number;
      /** Labels that tell groups apart; without them, all series are one. */
      readonly by?: readonly string[] | undefined;
    })
  /** The growth of a part over the growth of the whole, 0 to 1, over the last `windowMs`. */
  | {
      readonly kind: 'ratio';
      readonly part: MetricSelection;
      readonly whole: MetricSelection;
      readonly windowMs: number;
      /** With less growth of the whole than this there is nothing to say; default 1. */
      readonly minimum?: number | undefined;
      readonly by?: readonly string[] | undefined;
    }
  /** 1 while no such series is known, else 0. */
  | (MetricSelection & { readonly kind: 'absent' });

/** When to raise an alert. */
export interface AlertRule {
  /** Unique; 1 to 100 characters. */
  readonly name: string;
  readonly severity: Severity;
  readonly signal: AlertSignal;
  readonly op: '<' | '<=' | '>' | '>=';
  readonly threshold: number;
  /** How long it must hold without a break before the alert is active; default 0. */
  readonly forMs?: number | undefined;
  /** How long it must not hold before an active alert is resolved; default 0. */
  readonly resolveAfterMs?: number | undefined;
  /** What it means and what to do, for people. */
  readonly description?: string | undefined;
}

const operators = ['<', '<=', '>', '>='];
const statistics = ['value', 'count', 'sum', 'mean', 'min', 'max', 'p50', 'p90', 'p95', 'p99', 'p999'];

/** @throws DynoError (104) that names the rule and what is wrong with it. */
export function checkRule(rule: AlertRule): AlertRule {
  if (typeof rule.name !== 'string' || rule.name === '' || rule.name.length > 100) {
    throw usageError(`Expected an alert rule to have a name of 1 to 100 characters, got ${shown(rule.name)}`);
  }
  const of = `of alert rule ${shown(rule.name)}`;
  if (!severities.includes(rule.severity)) {
    throw usageError(
      `Expected the severity ${of} to be one of ${severities.join(', ')}, got ${shown(rule.severity)}`,
    );
  }
  if (!operators.includes(rule.op)) {
    throw usageError(`Expected the op ${of} to be one of ${operators.join(' ')}, got ${shown(rule.op)}`);
  }
  if (!Number.isFinite(rule.threshold)) {
    throw usageError(`Expected the threshold ${of} to be a number, got ${shown(rule.threshold)}`);
  }
  for (const field of ['forMs', 'resolveAfterMs'] as const) {
    const ms = rule[field];
    if (ms !== undefined && !(ms >= 0 && Number.isFinite(ms))) {
      throw usageError(`Expected ${field} ${of} to be milliseconds from 0, got ${shown(ms)}`);
    }
  }
  checkSignal(rule.signal, of);
  return Object.freeze({ ...rule });
}

function checkSignal(signal: AlertSignal, of: string): void {
  switch (signal.kind) {
    case 'value':
      checkMetricName(signal.metric);
      if (signal.statistic !== undefined && !statistics.includes(signal.statistic)) {
        const got = shown(signal.statistic);
        throw usageError(`Expected the statistic ${of} to be one of ${statistics.join(', ')}, got ${got}`);
      }
      return;
    case 'rate':
      checkMetricName(signal.metric);
      checkWindow(signal.windowMs, of);
      return;
    case 'ratio':
      checkMetricName(signal.part.metric);
      checkMetricName(signal.whole.metric);
      checkWindow(signal.windowMs, of);
      return;
    case 'absent':
      checkMetricName(signal.metric);
      return;
    default:
      throw usageError(
        `Expected the signal ${of} to be of kind value, rate, ratio or absent, got ${shown((signal as AlertSignal).kind)}`,
      );
  }
}

function checkWindow(windowMs: number, of: string): void {
  if (windowMs > 0 && windowMs <= 86_400_000) return;
  throw usageError(`Expected windowMs ${of} to be milliseconds up to a day, got ${shown(windowMs)}`);
}
