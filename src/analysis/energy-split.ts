/** A place to split a stretch of a series in two. */
export interface Split {
  /** The first index of the right part. */
  index: number;
  /** The energy statistic Q̂: how much further the parts are from each other than from themselves. */
  energy: number;
}

/**
 * The best split of a stretch by the energy statistic of E-divisive (α = 1). The right part of the comparison may end before the
 * stretch does, so that a later change does not blur an earlier one. Null where no split leaves `least` values on both sides.
 *
 * Source: D. Matteson and N. James, "A Nonparametric Approach for Multiple Change Point Analysis of Multivariate Data"
 * (2014), equations 5 to 7.
 */
export function bestSplit(stretch: readonly number[], least = 1): Split | null {
  const n = stretch.length;
  // Sums over rectangles of the distance matrix: within(a, b, c, d) = Σ |x_i − x_j| for a ≤ i < b, c ≤ j < d.
  const width = n + 1;
  const sums = new Float64Array(width * width);
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) {
      row += Math.abs(stretch[i]! - stretch[j]!);
      sums[(i + 1) * width + j + 1] = sums[i * width + j + 1]! + row;
    }
  }
  const within = (a: number, b: number, c: number, d: number) =>
    sums[b * width + d]! - sums[a * width + d]! - sums[b * width + c]! + sums[a * width + c]!;
  let best: Split | null = null;
  for (let split = least; split <= n - least; split++) {
    const left = split > 1 ? within(0, split, 0, split) / (split * (split - 1)) : 0;
    for (let end = split + least; end <= n; end++) {
      const size = end - split;
      const right = size > 1 ? within(split, end, split, end) / (size * (size - 1)) : 0;
      const between = within(0, split, split, end) / (split * size);
      const energy = ((split * size) / end) * (2 * between - left - right);
      if (best === null || energy > best.energy) best = { index: split, energy };
    }
  }
  return best;
}
