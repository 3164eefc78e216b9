import type { Metric, Metrics } from '../../core/run-result.js';
import { formatDuration } from '../../core/units.js';
import type { RecorderDelta } from '../recording/recorder.js';
import { Summary } from '../recording/summary.js';
import type { DropPattern } from '../streams/drop-pattern.js';
import type { StreamReport } from '../streams/stream-report.js';
import { timeMetrics } from './time-metrics.js';

const count = (value: number): Metric => ({ value, unit: 'count' });

/** The metrics of streams that were held: `streams.*`, and `stream_open.*`, `first_event.*`, `event_latency.*`, `event_spread.*` in ms. */
export function streamMetrics(report: StreamReport): Metrics {
  return {
    'streams.wanted': count(report.wanted),
    'streams.opened': count(report.opened),
    'streams.held': count(report.held),
    'streams.refused': count(report.refused),
    'streams.dropped': count(report.dropped),
    'streams.events': count(report.events),
    'streams.gaps': count(report.gaps),
    'streams.duplicates': count(report.duplicates),
    'streams.disordered': count(report.disordered),
    ...times('stream_open', report.open),
    ...times('first_event', report.firstEvent),
    ...times('event_latency', report.latency),
    ...times('event_spread', report.spread),
  };
}

function times(name: string, delta: RecorderDelta | undefined): Metrics {
  if (delta === undefined) return {};
  const summary = new Summary();
  summary.addDelta(delta);
  return timeMetrics(name, summary);
}

/** What a reader must know of the streams, a sentence each. */
export function streamNotes(report: StreamReport): string[] {
  const { opened, wanted, limit, events, stamped, pattern } = report;
  const notes: string[] = [];
  if (opened < wanted && limit !== undefined) {
    notes.push(`Only ${opened} of ${wanted} streams were opened: ${limit}.`);
  } else if (report.refused > 0) {
    const [first] = report.refusals;
    notes.push(`${report.refused} attempts to open a stream failed (${first?.why ?? ''}).`);
  }
  for (const { why, count: times, kind } of report.drops) {
    notes.push(`${times} streams were dropped (${kind}): ${why}.`);
  }
  if (pattern !== undefined) notes.push(patternSentence(pattern));
  if (events > stamped && opened > 0) {
    notes.push(
      `${events - stamped} of ${events} events carry no time (\`_meta["dyno/sentAtMs"]\`): how late they came cannot be ` +
        'known, only how far apart streams got the same event (event_spread).',
    );
  }
  if (report.fromTheFuture > 0) {
    notes.push(
      `${report.fromTheFuture} events came before the time that they carry: the server's clock is ahead of this one, and event latencies are wrong by as much.`,
    );
  }
  if (report.gaps > 0)
    notes.push(`${report.gaps} numbers are missing between events of a stream: they were lost.`);
  if (report.duplicates > 0) notes.push(`${report.duplicates} events came twice.`);
  if (report.disordered > 0) notes.push(`${report.disordered} events came after a later one.`);
  if (report.malformed > 0) notes.push(`${report.malformed} events on streams were no JSON-RPC messages.`);
  if (report.unacknowledged > 0)
    notes.push(`${report.unacknowledged} events came before the acknowledgement that must come first.`);
  for (const { why, count: times } of report.unsubscribed) notes.push(`${times} times ${why}.`);
  if (report.loopLagP99Ms > lateMs && stamped > 0) {
    notes.push(
      `The thread that reads the streams was up to ${report.loopLagP99Ms.toFixed(1)} ms late (p99): event latencies may be too long by that.`,
    );
  }
  return notes;
}

const lateMs = 5;

/** What the ends of streams have in common, as a sentence. */
export function patternSentence({ kind, ms, drops, either }: DropPattern): string {
  const time = formatDuration(Math.round(ms / 100) * 100);
  switch (kind) {
    case 'eventless':
      return either
        ? `${drops} streams ended ${time} after they were opened, without an event until then: an idle time-out, or a limit on the life of a stream.`
        : `${drops} streams ended after ${time} without an event: an idle time-out.`;
    case 'silent':
      return `${drops} streams ended after ${time} without a byte: an idle time-out that comments would keep away.`;
    case 'life':
      return `${drops} streams ended ${time} after they were opened, whatever came on them: a limit on the life of a stream.`;
    case 'moment':
      return `${drops} streams ended at the same moment.`;
  }
}
