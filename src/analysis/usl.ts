import type { Random } from '../core/index.js';
import { normalQuantile, studentQuantile } from './distributions.js';
import { fitLeastSquares, solve } from './least-squares.js';
import { mean } from './moments.js';
import { quantileRank } from './quantiles.js';

/** The throughput measured at one closed level. Several points may share a level. */
export interface LevelPoint {
  /** Calls in flight, at least 1. */
  concurrency: number;
  /** Ok calls per second. */
  throughput: number;
}

/** The coefficients of the Universal Scalability Law. */
export interface UslCoefficients {
  /** Throughput of one in flight, calls/s. */
  lambda: number;
  /** Contention, 0…1: the share of the work that is done one after another. */
  sigma: number;
  /** Coherency, at least 0: the cost of each pair talking to each other. */
  kappa: number;
}

/** An estimate with its bootstrap interval; null where none could be had. */
export interface UslInterval {
  value: number;
  ci95: [number, number] | null;
}

/** A fit of the law, or why there is none. */
export type UslFit =
  | {
      kind: 'fit';
      lambda: UslInterval;
      sigma: UslInterval;
      kappa: UslInterval;
      /** Residual standard error, calls/s (n − 3 degrees of freedom), and the same as a share of the mean throughput. */
      residualError: number;
      relativeError: number;
      /** Where throughput would be highest; null without one (kappa 0: it only levels off). */
      peak: { concurrency: number; throughput: number; extrapolated: boolean } | null;
      /** λ/σ, which throughput would never pass without coherency cost; null for sigma 0. */
      asymptote: number | null;
    }
  | { kind: 'refused'; reason: string };

const leastLevels = 6;
const mostRelativeError = 0.1;

/** X(N) = λN / (1 + σ(N−1) + κN(N−1)), calls/s. */
export function uslThroughput({ lambda, sigma, kappa }: UslCoefficients, n: number): number {
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

/** N* = √((1−σ)/κ); null for kappa 0. */
export function uslPeak({ sigma, kappa }: UslCoefficients): number | null {
  return kappa > 0 ? Math.sqrt((1 - sigma) / kappa) : null;
}

/**
 * Fits the Universal Scalability Law by bounded non-linear least squares, with intervals by a bootstrap of the residuals.
 * Refuses fewer than six levels, and a fit whose residual error is above 10 % of the mean throughput: a server with a hard
 * limit has a corner that the law has not.
 *
 * @param noise how the measurements scatter: `constant` as R's `usl` assumes, or in `proportion` to the throughput
 * (default), which is how throughputs do and which lets the low levels speak.
 *
 * Source: N. J. Gunther, "Guerrilla Capacity Planning" (2007); R package `usl` 3 (Gunther and Moeding).
 */
export function fitUsl(
  points: readonly LevelPoint[],
  {
    random,
    resamples = 400,
    noise = 'proportion',
  }: { random: Random; resamples?: number; noise?: 'constant' | 'proportion' },
): UslFit {
  const levels = new Set(points.map((point) => point.concurrency)).size;
  if (levels < leastLevels) {
    return {
      kind: 'refused',
      reason: `${levels} levels measured, ${leastLevels} needed for a scalability law`,
    };
  }
  if (points.some(({ concurrency, throughput }) => !(concurrency >= 1) || !(throughput > 0))) {
    return { kind: 'refused', reason: 'a level without ok calls' };
  }
  const fit = bestFit(points, startsFor(points), noise);
  if (!fit.converged) return { kind: 'refused', reason: 'the fit did not settle' };
  const residuals = points.map((point) => point.throughput - uslThroughput(fit.found, point.concurrency));
  const degrees = Math.max(1, points.length - 3);
  const residualError = Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / degrees);
  const relativeError = residualError / mean(points.map((point) => point.throughput));
  if (relativeError > mostRelativeError) {
    return {
      kind: 'refused',
      reason: `the law does not fit: residual error ${Math.round(100 * relativeError)} % of the throughput, ${100 * mostRelativeError} % accepted`,
    };
  }
  const replicas = bootstrap(points, fit.found, noise, random, resamples);
  const interval = (key: keyof UslCoefficients): UslInterval => ({
    value: fit.found[key],
    ci95: percentiles(replicas.map((replica) => replica[key])),
  });
  const peak = uslPeak(fit.found);
  const highest = Math.max(...points.map((point) => point.concurrency));
  return {
    kind: 'fit',
    lambda: interval('lambda'),
    sigma: interval('sigma'),
    kappa: interval('kappa'),
    residualError,
    relativeError,
    peak:
      peak === null
        ? null
        : {
            concurrency: peak,
            throughput: uslThroughput(fit.found, peak),
            extrapolated: peak > highest,
          },
    asymptote: fit.found.sigma > 0 ? fit.found.lambda / fit.found.sigma : null,
  };
}

type Noise = 'constant' | 'proportion';

function bestFit(points: readonly LevelPoint[], starts: readonly UslCoefficients[], noise: Noise) {
  // Throughput in units of its largest value keeps the parameters of one order for the solver.
  const scale = Math.max(...points.map((point) => point.throughput));
  const fits = starts.map((start) =>
    fitLeastSquares({
      residuals: ([lambda, sigma, kappa]) =>
        points.map(({ concurrency, throughput }) => {
          const model = uslThroughput({ lambda: lambda!, sigma: sigma!, kappa: kappa! }, concurrency);
          return noise === 'proportion' ? Math.log((model * scale) / throughput) : model - throughput / scale;
        }),
      start: [start.lambda / scale, start.sigma, start.kappa],
      lower: [1e-9, 0, 0],
      upper: [Infinity, 1, Infinity],
    }),
  );
  const best = fits.reduce((a, b) => (b.sumOfSquares < a.sumOfSquares ? b : a));
  const [lambda, sigma, kappa] = best.point;
  return {
    found: { lambda: lambda! * scale, sigma: sigma!, kappa: kappa! },
    converged: best.converged,
  };
}

/** N/X is linear in (1/λ, σ/λ, κ/λ): its linear fit is a good start, two guesses guard against a bad one. */
function startsFor(points: readonly LevelPoint[]): UslCoefficients[] {
  const rows = points.map(({ concurrency: n }) => [1, n - 1, n * (n - 1)]);
  // Weighted by X/N, so that all levels count alike.
  const weights = points.map(({ concurrency, throughput }) => throughput / concurrency);
  const normal = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => rows.reduce((sum, row, k) => sum + row[i]! * row[j]! * weights[k]! ** 2, 0)),
  );
  const right = [0, 1, 2].map((i) => rows.reduce((sum, row, k) => sum + row[i]! * weights[k]!, 0));
  const [a, b, c] = solve(normal, right);
  const single = Math.max(...weights);
  const starts: UslCoefficients[] = [
    { lambda: single, sigma: 0.01, kappa: 1e-5 },
    { lambda: single, sigma: 0.3, kappa: 1e-3 },
  ];
  if (a! > 0) {
    starts.unshift({ lambda: 1 / a!, sigma: Math.min(1, Math.max(0, b! / a!)), kappa: Math.max(0, c! / a!) });
  }
  return starts;
}

function bootstrap(
  points: readonly LevelPoint[],
  found: UslCoefficients,
  noise: Noise,
  random: Random,
  resamples: number,
): UslCoefficients[] {
  const models = points.map((point) => uslThroughput(found, point.concurrency));
  const raw = points.map(({ throughput }, i) =>
    noise === 'proportion' ? Math.log(throughput / models[i]!) : throughput - models[i]!,
  );
  // Residuals of a fit are smaller than the noise was: n/(n − 3) makes up for the three fitted parameters, and Student's
  // quantile for how little so few residuals tell of the noise.
  const degrees = Math.max(1, points.length - 3);
  const stretch =
    Math.sqrt(points.length / degrees) * (studentQuantile(0.975, degrees) / normalQuantile(0.975));
  const centre = mean(raw);
  const replicas: UslCoefficients[] = [];
  for (let i = 0; i < resamples; i++) {
    const drawn = points.map(({ concurrency }, k) => {
      const residual = (random.pick(raw) - centre) * stretch;
      const model = models[k]!;
      const throughput = noise === 'proportion' ? model * Math.exp(residual) : model + residual;
      return { concurrency, throughput: Math.max(throughput, 1e-9 * model) };
    });
    replicas.push(bestFit(drawn, [found], noise).found);
  }
  return replicas;
}

function percentiles(values: readonly number[]): [number, number] | null {
  if (values.length < 40) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[quantileRank(sorted.length, 0.025) - 1]!, sorted[quantileRank(sorted.length, 0.975) - 1]!];
}
