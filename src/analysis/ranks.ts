/** Ranks from 1 with ties sharing their mean rank. */
export function midranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (const [start, end] of runs(order, (a, b) => values[a] === values[b])) {
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
  }
  return ranks;
}

/** The sizes of the groups of equal values, groups of one included. */
export function tieSizes(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return runs(sorted, (a, b) => a === b).map(([start, end]) => end - start);
}

function runs<T>(items: readonly T[], same: (a: T, b: T) => boolean): [number, number][] {
  const found: [number, number][] = [];
  let start = 0;
  for (let i = 1; i <= items.length; i++) {
    if (i < items.length && same(items[start]!, items[i]!)) continue;
    found.push([start, i]);
    start = i;
  }
  return found;
}
