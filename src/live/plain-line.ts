import { formatDuration, printableLine } from '../core/index.js';
import { count, number } from '../report/terminal/index.js';
import type { LiveSnapshot } from './snapshot.js';

/** A snapshot in one line, for where there is no terminal. */
export function plainLine(snapshot: LiveSnapshot): string {
  const { test, phase, elapsedMs, totalMs, achieved, offered, inFlight, calls, failed, total, dropped } =
    snapshot;
  const step = elapsedMs < 1000 ? 100 : 1000;
  const time = formatDuration(Math.round(elapsedMs / step) * step);
  const parts = [
    `${printableLine(test, 60)}${phase === '' ? '' : ` (${printableLine(phase, 60)})`}`,
    totalMs === undefined ? time : `${time} of ${formatDuration(totalMs)}`,
    `${count(calls)} calls`,
    `${number(achieved)}/s${offered === undefined ? '' : ` of ${number(offered)}/s`}`,
    `${count(inFlight)} in flight`,
    ...(total.p50 === null ? [] : [`p50 ${number(total.p50)} ms`]),
    ...(total.p99 === null ? [] : [`p99 ${number(total.p99)} ms`]),
    `${count(failed)} failed`,
    ...(dropped > 0 ? [`${count(dropped)} dropped`] : []),
  ];
  return parts.join('  ');
}
