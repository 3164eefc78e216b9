import type { AlertRule } from './alerts/index.js';
import { serverLabel } from './mcp-metrics.js';

const operations = 'mcp.client.operation.duration';
const fiveMinutes = 300_000;

/**
 * The rules that {@link Monitoring} has unless it is given others. Each looks at a metric that the host itself records;
 * a test makes each of them fire.
 */
export const defaultAlertRules: readonly AlertRule[] = [
  {
    name: 'operation-errors',
    severity: 'error',
    signal: {
      kind: 'ratio',
      part: { metric: operations, where: { 'error.type': true } },
      whole: { metric: operations },
      windowMs: fiveMinutes,
      minimum: 20,
      by: [serverLabel],
    },
    op: '>',
    threshold: 0.1,
    forMs: 60_000,
    resolveAfterMs: 60_000,
    description: 'More than one in ten requests to this server failed in the last five minutes.',
  },
  {
    name: 'operation-latency',
    severity: 'warning',
    signal: { kind: 'value', metric: operations, statistic: 'p99' },
    op: '>',
    threshold: 5,
    forMs: 120_000,
    resolveAfterMs: 60_000,
    description: 'One in a hundred of these requests takes more than five seconds.',
  },
  {
    name: 'services-expired',
    severity: 'warning',
    signal: { kind: 'value', metric: 'dyno.registry.services', where: { state: 'expired' } },
    op: '>',
    threshold: 0,
    description: 'Services stopped sending heartbeats, and were taken for dead.',
  },
  {
    name: 'services-unhealthy',
    severity: 'warning',
    signal: { kind: 'value', metric: 'dyno.registry.services', where: { state: 'unhealthy' } },
    op: '>',
    threshold: 0,
    forMs: 60_000,
    description: 'Services say of themselves that they are unhealthy.',
  },
  {
    name: 'registry-self-preservation',
    severity: 'critical',
    signal: { kind: 'value', metric: 'dyno.registry.self_preservation' },
    op: '>',
    threshold: 0,
    description:
      'Most services fell silent at once: the network is likelier at fault than they are. None expires.',
  },
  {
    name: 'registry-store-away',
    severity: 'error',
    signal: { kind: 'value', metric: 'dyno.registry.store_away' },
    op: '>',
    threshold: 0,
    forMs: 30_000,
    description: 'The store of the registry cannot be reached; what is answered may be out of date.',
  },
  {
    name: 'breakers-open',
    severity: 'warning',
    signal: { kind: 'value', metric: 'dyno.registry.breakers', where: { breaker: 'open' } },
    op: '>',
    threshold: 0,
    forMs: 60_000,
    description: 'Circuit breakers keep calls away from services.',
  },
  {
    name: 'event-loop-delay',
    severity: 'warning',
    signal: { kind: 'value', metric: 'nodejs.eventloop.delay.p99' },
    op: '>',
    threshold: 0.5,
    forMs: 30_000,
    description: 'This process is too busy to answer in time.',
  },
  {
    name: 'heap-nearly-full',
    severity: 'critical',
    signal: { kind: 'value', metric: 'dyno.process.heap.share' },
    op: '>',
    threshold: 0.9,
    forMs: 30_000,
    description: 'The heap of this process is nearly at its limit (--max-old-space-size).',
  },
  {
    name: 'label-overflow',
    severity: 'warning',
    signal: { kind: 'rate', metric: 'dyno.monitoring.overflowed', windowMs: fiveMinutes },
    op: '>',
    threshold: 0,
    resolveAfterMs: 60_000,
    description: 'A metric has more label sets than it may; what is more is counted together.',
  },
  {
    name: 'alert-sink-failing',
    severity: 'error',
    signal: {
      kind: 'rate',
      metric: 'dyno.alerts.notifications',
      where: { result: 'failed' },
      windowMs: fiveMinutes,
      by: ['sink'],
    },
    op: '>',
    threshold: 0,
    description: 'Alerts cannot be delivered to this sink.',
  },
];
