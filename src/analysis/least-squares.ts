/** A least-squares problem with box bounds. */
export interface LeastSquaresProblem {
  /** The residuals at a point; all finite inside the bounds. */
  residuals(point: readonly number[]): number[];
  start: readonly number[];
  lower: readonly number[];
  upper: readonly number[];
}

/** Where the sum of squares is least. */
export interface LeastSquaresFit {
  point: number[];
  sumOfSquares: number;
  converged: boolean;
}

const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);

/**
 * Bounded non-linear least squares by Levenberg and Marquardt: steps are cut to the bounds, and a parameter that is held by
 * one and pushes outwards leaves the step.
 *
 * Source: D. Marquardt (1963); bounds as in Kanzow, Yamashita and Fukushima, "Levenberg-Marquardt methods with strong local
 * convergence properties for solving nonlinear equations with convex constraints" (2004).
 */
export function fitLeastSquares(problem: LeastSquaresProblem, maxSteps = 200): LeastSquaresFit {
  const { lower, upper } = problem;
  const clip = (point: readonly number[]) =>
    point.map((value, i) => Math.min(upper[i]!, Math.max(lower[i]!, value)));
  let point = clip(problem.start);
  let residuals = problem.residuals(point);
  let sumOfSquares = squares(residuals);
  let damping = 1e-3;
  for (let step = 0; step < maxSteps; step++) {
    const columns = jacobian(problem, point, residuals);
    const gradient = columns.map((column) => column.reduce((sum, d, i) => sum + d * residuals[i]!, 0));
    const free = [...point.keys()].filter(
      (i) => !(point[i]! <= lower[i]! && gradient[i]! > 0) && !(point[i]! >= upper[i]! && gradient[i]! < 0),
    );
    let improved = false;
    while (damping < 1e12) {
      const move = solve(
        free.map((i) =>
          free.map((j) => {
            const product = columns[i]!.reduce((sum, d, k) => sum + d * columns[j]![k]!, 0);
            return i === j ? product * (1 + damping) + 1e-300 : product;
          }),
        ),
        free.map((i) => -gradient[i]!),
      );
      const next = [...point];
      free.forEach((i, k) => (next[i] = next[i]! + (move[k] ?? 0)));
      const clipped = clip(next);
      const nextResiduals = problem.residuals(clipped);
      const nextSum = squares(nextResiduals);
      if (nextSum < sumOfSquares) {
        const gain = (sumOfSquares - nextSum) / sumOfSquares;
        point = clipped;
        residuals = nextResiduals;
        sumOfSquares = nextSum;
        damping = Math.max(1e-12, damping / 10);
        improved = gain > 1e-14;
        break;
      }
      damping *= 10;
    }
    // No step of any length helps: this is the least that double precision can tell.
    if (!improved) return { point, sumOfSquares, converged: true };
  }
  return { point, sumOfSquares, converged: false };
}

/** Central differences, one-sided at the bounds; one column per parameter. */
function jacobian(problem: LeastSquaresProblem, point: readonly number[], residuals: number[]): number[][] {
  return point.map((value, i) => {
    const width = 1e-6 * Math.max(Math.abs(value), 1e-6);
    const at = (x: number) => problem.residuals(point.map((other, j) => (i === j ? x : other)));
    const high = value + width <= problem.upper[i]!;
    const low = value - width >= problem.lower[i]!;
    const above = high ? at(value + width) : residuals;
    const below = low ? at(value - width) : residuals;
    const span = (high ? width : 0) + (low ? width : 0);
    return above.map((residual, k) => (residual - below[k]!) / span);
  });
}

/** Gaussian elimination with partial pivoting; zeros where the system is singular. */
export function solve(matrix: readonly number[][], right: readonly number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const head = rows[column]![column]!;
    if (head === 0) return new Array<number>(n).fill(0);
    for (let row = column + 1; row < n; row++) {
      const factor = rows[row]![column]! / head;
      for (let k = column; k <= n; k++) rows[row]![k] = rows[row]![k]! - factor * rows[column]![k]!;
    }
  }
  const solution = new Array<number>(n).fill(0);
  for (let row = n - 1; row >= 0; row--) {
    let value = rows[row]![n]!;
    for (let k = row + 1; k < n; k++) value -= rows[row]![k]! * solution[k]!;
    solution[row] = value / rows[row]![row]!;
  }
  return solution;
}
