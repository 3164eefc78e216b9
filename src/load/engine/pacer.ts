import type { Clock } from '../../core/clock.js';

/** Wakes the engine when the next call is due. One wake-up is set at a time; a new one replaces it. */
export interface Pacer {
  /** Calls `wake` once, as soon as possible after `atMs` of the engine's clock; Infinity sets nothing. */
  wakeAt(atMs: number): void;
  stop(): void;
  /** Time spent polling for a moment that was near while nothing else was to do, ms. */
  readonly pollingMs: number;
}

/** A pacer on any clock, as exact as its timers. For tests on fake time. */
export function clockPacer(clock: Clock, wake: () => void): Pacer {
  let cancel: (() => void) | undefined;
  const stop = () => {
    cancel?.();
    cancel = undefined;
  };
  return {
    pollingMs: 0,
    stop,
    wakeAt(atMs) {
      stop();
      if (atMs !== Infinity) cancel = clock.after(Math.max(0, atMs - clock.now()), wake);
    },
  };
}

/** Timers tick in milliseconds and come late by up to two: from here on we poll. */
const pollWithinMs = 2.5;

/**
 * A pacer that is exact to a few microseconds: it sleeps until shortly before the moment and polls with `setImmediate`
 * from there, so that answers are still read meanwhile.
 */
export class PollingPacer implements Pacer {
  pollingMs = 0;
  readonly #wake: () => void;
  /** Changes whenever the engine does something; tells idle polling from work. */
  readonly #activity: () => number;
  #at = Infinity;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #lastPoll = 0;
  #lastActivity = -1;

  constructor(wake: () => void, activity: () => number) {
    this.#wake = wake;
    this.#activity = activity;
  }

  wakeAt(atMs: number): void {
    if (atMs === this.#at) return;
    this.#at = atMs;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#immediate === undefined) this.#arm();
  }

  stop(): void {
    this.#at = Infinity;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #arm(): void {
    if (this.#at === Infinity) return;
    const remaining = this.#at - performance.now();
    if (remaining > pollWithinMs) {
      this.#timer = setTimeout(this.#slept, Math.floor(remaining - pollWithinMs + 0.5));
      return;
    }
    this.#lastPoll = performance.now();
    this.#lastActivity = this.#activity();
    this.#immediate = setImmediate(this.#poll);
  }

  readonly #slept = (): void => {
    this.#timer = undefined;
    this.#arm();
  };

  readonly #poll = (): void => {
    this.#immediate = undefined;
    const now = performance.now();
    const activity = this.#activity();
    if (activity === this.#lastActivity) this.pollingMs += now - this.#lastPoll;
    this.#lastActivity = activity;
    this.#lastPoll = now;
    if (now >= this.#at) {
      this.#at = Infinity;
      this.#wake();
      return;
    }
    if (this.#at - now > pollWithinMs) this.#arm();
    else this.#immediate = setImmediate(this.#poll);
  };
}
