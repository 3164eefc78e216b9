/**
 * p-values adjusted for being many, in their own order: reject those at or below the level, and the chance of any false
 * rejection stays at it.
 *
 * Source: S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure" (1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let highest = 0;
  order.forEach((place, k) => {
    highest = Math.max(highest, Math.min(1, (pValues.length - k) * pValues[place]!));
    adjusted[place] = highest;
  });
  return adjusted;
}
