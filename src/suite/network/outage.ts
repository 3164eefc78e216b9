/** One interval of a load: what came out of it. */
export interface OutageTick {
  fromMs: number;
  toMs: number;
  ok: number;
  failed: number;
}

/** A stretch in which a target did not answer. Times in ms from the beginning of the load. */
export interface Outage {
  fromMs: number;
  /** When answers came again; undefined where they never did. */
  toMs: number | undefined;
}

/**
 * The outage that began at `atMs`: it lasts until an interval in which more calls came out ok than failed, and so did the
 * next. Within that interval, arrivals being even, the share that failed tells when. Without `atMs` the first interval in
 * which nothing came out ok begins it.
 *
 * @returns undefined where there was none.
 */
export function findOutage(ticks: readonly OutageTick[], atMs?: number): Outage | undefined {
  const bad = (tick: OutageTick | undefined) => tick !== undefined && tick.ok <= tick.failed;
  const first = ticks.findIndex((tick) => bad(tick) && (atMs === undefined || tick.toMs > atMs));
  if (first === -1) return undefined;
  const fromMs = atMs ?? ticks[first]!.fromMs;
  for (let index = first + 1; index < ticks.length; index++) {
    const tick = ticks[index]!;
    if (bad(tick) || bad(ticks[index + 1])) continue;
    const before = ticks[index - 1]!;
    // The interval before may have been half bad, half good: its good share came at its end.
    const partly = before.ok > 0 ? before.toMs - share(before.ok, before) : tick.fromMs;
    return { fromMs, toMs: Math.max(partly, tick.failed > 0 ? tick.fromMs + share(tick.failed, tick) : 0) };
  }
  return { fromMs, toMs: undefined };
}

function share(count: number, { fromMs, toMs, ok, failed }: OutageTick): number {
  return ((toMs - fromMs) * count) / (ok + failed);
}
