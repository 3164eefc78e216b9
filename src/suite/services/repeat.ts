import { setImmediate as turn } from 'node:timers/promises';
import { Timings } from './timings.js';

/** What is done again and again. */
export interface Repeated<T> {
  count: number;
  /** Timed. */
  work: (index: number) => T | Promise<T>;
  /** Not timed: looks at what the work gave; `ms` is what it took, undefined for the cold one. */
  check?: (result: T, index: number, ms: number | undefined) => void;
  stop: AbortSignal;
}

/** Others (the live view, Ctrl-C) get their turn after so many ms. */
const turnAfterMs = 10;

/**
 * Times each of `count` repetitions alone, one after the other; before them one that is kept as the cold one. Ends early
 * when stopped.
 */
export async function timeEach<T>({ count, work, check, stop }: Repeated<T>): Promise<Timings> {
  const timings = new Timings();
  let lastTurn = performance.now();
  for (let round = -1; round < count && !stop.aborted; round++) {
    const index = Math.max(0, round);
    const started = performance.now();
    const given = work(index);
    const result = given instanceof Promise ? ((await given) as T) : given;
    const ended = performance.now();
    const ms = ended - started;
    if (round === -1) timings.coldMs = ms;
    else timings.add(ms);
    check?.(result, index, round === -1 ? undefined : ms);
    if (ended - lastTurn > turnAfterMs) {
      await turn();
      lastTurn = performance.now();
    }
  }
  return timings;
}

/** A note where a test was stopped before it had done all it was asked; none where it was not. */
export function shortfall(what: string, timings: Timings, asked: number): string[] {
  return timings.count < asked ? [`Stopped after ${timings.count} of ${asked} ${what}.`] : [];
}
