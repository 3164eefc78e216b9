import type { SeriesLabels } from '../metric.js';
import type { AlertRule, Severity } from './rule.js';

/** `active` (raised), `acknowledged` (somebody is on it), `silenced` (nobody is told), `resolved` (over). */
export type AlertState = 'active' | 'acknowledged' | 'silenced' | 'resolved';

/** One alert: a rule that holds, for one series or group. A snapshot; ask again for a newer one. */
export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly labels: SeriesLabels;
  /** The latest value, and what it was held against. */
  readonly value: number;
  readonly op: AlertRule['op'];
  readonly threshold: number;
  /** One sentence. */
  readonly summary: string;
  readonly description: string;
  /** Milliseconds since the epoch. */
  readonly activeAt: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: number | null;
}

/** What a sink is told: that an alert has become active, or is over. */
export interface AlertNotification {
  readonly kind: 'firing' | 'resolved';
  readonly alert: Alert;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Nobody is told of the alerts that match, for a time. */
export interface Silence {
  readonly id: string;
  /** The rule's name; any when absent. */
  readonly rule: string | null;
  /** Labels that an alert must have. */
  readonly where: SeriesLabels;
  readonly reason: string;
  /** Milliseconds since the epoch, if the wall clock is not set in between. */
  readonly until: number;
}

/** A sentence on an alert. */
export function summaryOf(rule: AlertRule, labels: SeriesLabels, value: number): string {
  const of = Object.entries(labels).map(([name, text]) => `${name}=${text}`);
  const where = of.length === 0 ? '' : ` for ${of.join(', ')}`;
  return `${rule.name}: ${what(rule)} is ${round(value)}, ${rule.op} ${rule.threshold}${where}`;
}

function what({ signal }: AlertRule): string {
  switch (signal.kind) {
    case 'value':
      return signal.statistic === undefined ? signal.metric : `${signal.statistic} of ${signal.metric}`;
    case 'rate':
      return `${signal.metric} per second`;
    case 'ratio':
      return `the share of ${signal.part.metric}`;
    case 'absent':
      return `${signal.metric} is missing, which`;
  }
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
