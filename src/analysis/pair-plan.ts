import type { Random } from '../core/index.js';

/** Pocock's nominal two-sided levels that keep 5 % over 1 to 6 looks (1977, table 1). */
const levels = [0.05, 0.0294, 0.0221, 0.0182, 0.0158, 0.0142];

/**
 * After how many pairs a comparison is judged: at the least number, then at about 1.6 times each, to the cap; at most six
 * looks.
 */
export function planLooks(minPairs: number, maxPairs: number): number[] {
  const looks = [Math.max(1, Math.min(minPairs, maxPairs))];
  while (looks.at(-1)! < maxPairs && looks.length < levels.length) {
    const next = Math.ceil(looks.at(-1)! * 1.6);
    looks.push(next * 1.3 > maxPairs || looks.length === levels.length - 1 ? maxPairs : next);
  }
  return looks;
}

/** The two-sided level of each of `looks` looks (at most 6) that keeps 5 % over all of them. */
export function lookLevel(looks: number): number {
  return levels[Math.min(looks, levels.length) - 1] ?? levels[0]!;
}

/**
 * The order within each pair: AB and BA equally often (within each ten), shuffled, so that neither build gains from being
 * first or from a machine that drifts.
 */
export function pairOrder(pairs: number, random: Random): ('AB' | 'BA')[] {
  const orders: ('AB' | 'BA')[] = [];
  while (orders.length < pairs) {
    const ten = Array.from({ length: 10 }, (_, i): 'AB' | 'BA' => (i % 2 === 0 ? 'AB' : 'BA'));
    for (let i = ten.length - 1; i > 0; i--) {
      const j = random.integer(0, i);
      [ten[i], ten[j]] = [ten[j]!, ten[i]!];
    }
    orders.push(...ten);
  }
  return orders.slice(0, pairs);
}

/** What is known of a block that may spoil it. */
export interface BlockEvidence {
  /** The load generator was at its limit: see {@link judgeGenerator}. */
  limited: boolean;
  /** CPU time taken by other machines on this host (steal), in %; null where not seen. */
  stealPercent?: number | null;
  /** Calls per operation. */
  mix?: Readonly<Record<string, number>>;
  /** Anything that must be the same in both blocks, such as core count and governor. */
  environment?: string;
  /** The block ended early or its server died. */
  broken?: string;
}

const mostStealPercent = 5;
const mostMixShift = 0.1;

/** Why a pair of blocks does not count; undefined when it does. */
export function voidReason(a: BlockEvidence, b: BlockEvidence): string | undefined {
  const broken = a.broken ?? b.broken;
  if (broken !== undefined) return broken;
  if (a.limited || b.limited) return 'the load generator was at its limit';
  if (Math.max(a.stealPercent ?? 0, b.stealPercent ?? 0) > mostStealPercent) {
    return 'other machines took CPU time (steal)';
  }
  if (a.environment !== b.environment) return 'the environment changed';
  if (a.mix && b.mix && mixShift(a.mix, b.mix) > mostMixShift + 2 * chanceShift(a.mix, b.mix))
    return 'the request mix differed';
  return undefined;
}

/**
 * How far two samples of one mix lie apart by chance: half of the sum of E|difference of shares|, for equal shares. A
 * short block has few calls, and which of them it made depends on when it was cut off.
 */
function chanceShift(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): number {
  const kinds = new Set([...Object.keys(a), ...Object.keys(b)]).size;
  return Math.sqrt((Math.max(0, kinds - 1) / (2 * Math.PI)) * (1 / totalOf(a) + 1 / totalOf(b)));
}

function totalOf(mix: Readonly<Record<string, number>>): number {
  return Math.max(
    1,
    Object.values(mix).reduce((sum, count) => sum + count, 0),
  );
}

/** Half the sum of the differences of shares: 0 for the same mix, 1 for nothing in common. */
function mixShift(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): number {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  let shift = 0;
  for (const name of names) shift += Math.abs((a[name] ?? 0) / totalOf(a) - (b[name] ?? 0) / totalOf(b));
  return shift / 2;
}
