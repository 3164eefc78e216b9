/**
 * How long a set of different cases takes: each is run `rounds` times after `warmup` rounds over all and stands for its
 * median, so that a pause of a busy machine spoils a run and not a case; percentiles are over the cases.
 *
 * @param {number} count how many cases there are
 * @param {(i: number) => unknown} work runs case i; may give a promise
 * @param {{ rounds?: number, warmup?: number }} [options]
 * @returns {Promise<{ p50: number, p99: number, max: number }>} microseconds
 */
export async function timeCases(count, work, { rounds = 9, warmup = 2 } = {}) {
  const times = Array.from({ length: count }, () => []);
  for (let round = -warmup; round < rounds; round++) {
    for (let i = 0; i < count; i++) {
      const start = process.hrtime.bigint();
      const made = work(i);
      if (made instanceof Promise) await made;
      if (round >= 0) times[i].push(Number(process.hrtime.bigint() - start) / 1000);
    }
  }
  const medians = times.map((one) => one.sort((a, b) => a - b)[one.length >> 1]).sort((a, b) => a - b);
  return { p50: medians[count >> 1], p99: medians[Math.ceil(0.99 * count) - 1], max: medians[count - 1] };
}
