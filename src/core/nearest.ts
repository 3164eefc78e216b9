/**
 * How many insertions, deletions, substitutions and swaps of neighbours turn one text into the other (restricted
 * Damerau-Levenshtein distance, also called optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, before[j - 2]! + 1);
      }
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** Long input is not a typo; comparing it would cost time for nothing. */
const longestTypo = 100;

/**
 * The candidate that was most likely meant: at most a third of its letters wrong, upper and lower case alike.
 * Undefined where nothing is near.
 */
export function nearest(typed: string, candidates: Iterable<string>): string | undefined {
  if (typed.length > longestTypo) return undefined;
  const wanted = typed.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` Did you mean 'x'?` for the nearest candidate, else undefined: made to be a hint. */
export function didYouMean(typed: string, candidates: Iterable<string>): string | undefined {
  const candidate = nearest(typed, candidates);
  return candidate === undefined ? undefined : `Did you mean '${candidate}'?`;
}
