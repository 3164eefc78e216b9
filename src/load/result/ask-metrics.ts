import type { Metric, Metrics } from '../../core/run-result.js';
import type { AskTotals, OperationAskTotals } from '../asking/ask-totals.js';
import { Summary } from '../recording/summary.js';
import { timeMetrics } from './time-metrics.js';

const count = (value: number): Metric => ({ value, unit: 'count' });

/**
 * What the server asked in a load: requests of each kind, what became of them, rounds per call, and how much of the calls'
 * time the server waited for our answers. Nothing where it asked nothing.
 *
 * @param calls of the whole load, the warm-up that was cut off included.
 */
export function askMetrics(asks: AskTotals | undefined, calls: number): Metrics {
  if (asks === undefined) return {};
  const { all } = asks;
  if (all.received === 0 && asks.operations.size === 0) return {};
  const metrics: Metrics = {};
  for (const [name, value] of Object.entries(all)) metrics[`server_requests.${name}`] = count(value);
  for (const [kind, counts] of asks.kinds) {
    for (const name of ['received', 'answered', 'refused'] as const)
      metrics[`server_requests.${kind}.${name}`] = count(counts[name]);
  }
  const operations = [...asks.operations.values()];
  const clientWait = new Summary();
  const serverTime = new Summary();
  for (const each of operations) {
    clientWait.add(each.clientWait);
    serverTime.add(each.serverTime);
  }
  return {
    ...metrics,
    ...timeMetrics('answer_time', asks.answerTime),
    ...roundMetrics(operations, calls),
    ...timeMetrics('client_wait', clientWait),
    ...timeMetrics('server_time', serverTime),
  };
}

/** The same of one operation, as far as it is known which call asked. */
export function operationAskMetrics(totals: OperationAskTotals | undefined, calls: number): Metrics {
  if (totals === undefined) return {};
  return {
    ...roundMetrics([totals], calls),
    ...timeMetrics('client_wait', totals.clientWait),
    ...timeMetrics('server_time', totals.serverTime),
  };
}

/** A call that asked nothing has one round. */
function roundMetrics(operations: readonly OperationAskTotals[], calls: number): Metrics {
  const max = Math.max(1, ...operations.map(({ maxRounds }) => maxRounds));
  if (max === 1 || calls === 0) return {};
  const further = operations.reduce((sum, { rounds, calls: asking }) => sum + rounds - asking, 0);
  return { 'rounds.mean': { value: (calls + further) / calls, unit: 'count' }, 'rounds.max': count(max) };
}

/** What a reader must know of them. */
export function askNotes(asks: AskTotals | undefined): string[] {
  if (asks === undefined) return [];
  const { received, answered, refused, undelivered, cancelled } = asks.all;
  const open = received - answered - refused - undelivered - cancelled;
  const notes = received === 0 ? [] : [askedNote(asks)];
  if (refused > 0)
    notes.push(
      `${refused} of ${received} requests of the server were refused: the script says so, or has no reply for their method ` +
        '(serverRequests in the config).',
    );
  if (undelivered > 0) notes.push(`${undelivered} answers to requests of the server were not taken by it.`);
  if (open > 0) notes.push(`${open} requests of the server had no answer yet when the load ended.`);
  if (asks.streams.refused > 0 && asks.streams.opened === 0)
    notes.push('The server gives no stream (GET) for requests outside of calls.');
  return notes;
}

function askedNote(asks: AskTotals): string {
  const { received, answered } = asks.all;
  const kinds = [...asks.kinds].map(([kind, counts]) => `${kind} ${counts.received}`).join(', ');
  const wait = new Summary();
  const rest = new Summary();
  for (const { clientWait, serverTime } of asks.operations.values()) {
    wait.add(clientWait);
    rest.add(serverTime);
  }
  const times =
    wait.meanMs === null || rest.meanMs === null
      ? ''
      : ` Of the ${ms(wait.meanMs + rest.meanMs)} of a call that asked, ${ms(wait.meanMs)} went by waiting for our answers.`;
  return `The server asked its client ${received} times (${kinds}); ${answered} had a result.${times}`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
}
