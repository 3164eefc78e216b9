/**
 * What the benches of this folder share.
 *
 * @typedef {{ what: string, bar?: string, measured: string, pass?: boolean }} Row one line of the table; no `pass`, no
 *   verdict
 * @typedef {{ title: string, head: string[], rows: (string | number)[][] }} Curve
 */

/**
 * How long one call of `work(i)` takes: `rounds` timed calls after `warmup` ones, each timed alone with the
 * nanosecond clock (which costs some 50 ns itself).
 *
 * @param {(i: number) => unknown} work
 * @param {{ rounds?: number, warmup?: number }} [options]
 * @returns {{ mean: number, p50: number, p99: number, max: number }} microseconds
 */
export function timeEach(work, { rounds = 2000, warmup = 500 } = {}) {
  let kept;
  for (let i = 0; i < warmup; i++) kept = work(i);
  const times = new Float64Array(rounds);
  for (let i = 0; i < rounds; i++) {
    const start = process.hrtime.bigint();
    kept = work(i);
    times[i] = Number(process.hrtime.bigint() - start) / 1000;
  }
  if (kept === Symbol.for('never')) throw new Error('unreachable, keeps the work from being optimised away');
  times.sort();
  const at = (q) => times[Math.min(rounds - 1, Math.ceil(q * rounds) - 1)];
  return {
    mean: times.reduce((sum, time) => sum + time, 0) / rounds,
    p50: at(0.5),
    p99: at(0.99),
    max: times[rounds - 1],
  };
}

/**
 * Calls per second of `work(i)`: the median of `repeats` blocks of `count` calls, after one block of warm-up.
 *
 * @param {(i: number) => unknown} work
 * @param {{ count: number, repeats?: number }} options
 */
export function ratePerSecond(work, { count, repeats = 5 }) {
  const rates = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) work(i);
    rates.push(count / (Number(process.hrtime.bigint() - start) / 1e9));
  }
  return rates.slice(1).sort((a, b) => a - b)[Math.floor(repeats / 2)];
}

/** Live heap bytes after a full collection; needs `--expose-gc`, which run.js gives. */
export function liveHeap() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

/** @param {number} microseconds */
export function us(microseconds) {
  if (microseconds >= 1000) return `${(microseconds / 1000).toPrecision(3)} ms`;
  return `${microseconds.toPrecision(3)} µs`;
}
