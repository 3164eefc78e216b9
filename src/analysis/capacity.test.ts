import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import { findKnee, refineLevels } from './knee.js';
import { fitLeastSquares, solve } from './least-squares.js';
import { fitUsl, uslThroughput, type LevelPoint, type UslFit } from './usl.js';

const points = (levels: readonly number[], throughputs: readonly number[]): LevelPoint[] =>
  levels.map((concurrency, i) => ({ concurrency, throughput: throughputs[i]! }));

// Data sets of R's package usl (data/raytracer.rda, data/specsdm91.rda), from Gunther (2007) and SPEC SDM 91.
const raytracer = points(
  [1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64],
  [20, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310],
);
const specsdm91 = points(
  [1, 18, 36, 72, 108, 144, 216],
  [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2],
);

const options = () => ({ random: seededRandom('usl'), noise: 'constant' as const });

function fitted(fit: UslFit): Extract<UslFit, { kind: 'fit' }> {
  if (fit.kind === 'refused') throw new Error(fit.reason);
  return fit;
}

describe('the scalability law against R’s usl', () => {
  it('SPEC SDM 91 (tests/summary.Rout.save, README, tests/peak-scalability.R)', () => {
    const fit = fitted(fitUsl(specsdm91, options()));
    expect(fit.sigma.value).toBeCloseTo(0.0277285, 6);
    expect(fit.kappa.value).toBeCloseTo(0.0001044, 7);
    expect(fit.lambda.value).toBeCloseTo(89.9952, 2);
    expect(fit.residualError).toBeCloseTo(82.85, 2);
    expect(fit.peak!.concurrency).toBeCloseTo(96.51956, 2);
    expect(fit.peak!.throughput).toBeCloseTo(1884, 0);
    expect(fit.peak!.extrapolated).toBe(false);
    expect(fit.asymptote).toBeCloseTo(3246, 0);
  });

  it('ray tracer, first six rows (tests/confint.Rout.save)', () => {
    const fit = fitted(fitUsl(raytracer.slice(0, 6), options()));
    expect(fit.sigma.value).toBeCloseTo(0.02444, 5);
    expect(fit.kappa.value).toBeCloseTo(0.00163, 5);
    expect(fit.lambda.value).toBeCloseTo(20.85605, 4);
    expect(fit.peak!.extrapolated).toBe(true);
    // R's normal-theory interval of sigma is 0.00754 to 0.04135; a bootstrap of six points is of that order.
    const [low, high] = fit.sigma.ci95!;
    expect(low).toBeGreaterThanOrEqual(0);
    expect(low).toBeLessThan(0.02444);
    expect(high).toBeGreaterThan(0.02444);
    expect(high).toBeLessThan(0.06);
  });

  it('ray tracer, all rows: kappa at its bound, no peak', () => {
    const fit = fitted(fitUsl(raytracer, options()));
    expect(fit.kappa.value).toBeLessThan(1e-6);
    expect(fit.sigma.value).toBeCloseTo(0.057771, 4);
    expect(fit.lambda.value).toBeCloseTo(21.848843, 2);
  });

  it('an exact curve (tests/coef.Rout.save)', () => {
    const exact = points([1, 2, 4, 6, 8, 10], [1, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557]);
    for (const noise of ['constant', 'proportion'] as const) {
      const fit = fitted(fitUsl(exact, { ...options(), noise }));
      expect(fit.sigma.value).toBeCloseTo(0.02, 3);
      expect(fit.kappa.value).toBeCloseTo(0.02, 3);
      expect(fit.lambda.value).toBeCloseTo(1, 3);
    }
  });
});

describe('the scalability law', () => {
  it('recovers known coefficients from 2 % noise within 10 %, and its intervals hold them', () => {
    const truth = { lambda: 1000, sigma: 0.05, kappa: 0.0005 };
    const levels = [1, 5, 10, 20, 50, 100, 200, 500];
    const random = seededRandom('known');
    const runs = 40;
    let near = 0;
    let held = 0;
    for (let run = 0; run < runs; run++) {
      const noisy = levels.map((concurrency) => ({
        concurrency,
        throughput: uslThroughput(truth, concurrency) * (1 + random.normal(0, 0.02)),
      }));
      const fit = fitted(fitUsl(noisy, { random, resamples: 100 }));
      const off = Math.max(Math.abs(fit.sigma.value / 0.05 - 1), Math.abs(fit.kappa.value / 0.0005 - 1));
      if (off < 0.1) near++;
      if (fit.kappa.ci95![0] <= 0.0005 && 0.0005 <= fit.kappa.ci95![1]) held++;
    }
    expect(near / runs).toBeGreaterThanOrEqual(0.9);
    expect(held / runs).toBeGreaterThanOrEqual(0.8);
  });

  it('refuses few levels, dead levels and what it cannot describe', () => {
    const reason = (fit: UslFit) => (fit.kind === 'refused' ? fit.reason : 'fitted');
    expect(reason(fitUsl(raytracer.slice(0, 5), options()))).toMatch(/5 levels measured, 6 needed/);
    expect(reason(fitUsl([...raytracer, { concurrency: 80, throughput: 0 }], options()))).toMatch(
      /without ok/,
    );
    const erratic = points([1, 2, 4, 8, 16, 32], [100, 20, 300, 40, 500, 60]);
    expect(reason(fitUsl(erratic, options()))).toMatch(/does not fit/);
  });
});

describe('least squares', () => {
  it('solves a linear system, and gives zeros where it cannot', () => {
    expect(
      solve(
        [
          [0, 2],
          [4, 1],
        ],
        [6, 11],
      ),
    ).toEqual([2, 3]);
    expect(
      solve(
        [
          [1, 1],
          [1, 1],
        ],
        [1, 2],
      ),
    ).toEqual([0, 0]);
  });

  it('finds Rosenbrock’s valley (1, 1), and the best point on a bound', () => {
    const problem = {
      residuals: ([x, y]: readonly number[]) => [10 * (y! - x! * x!), 1 - x!],
      start: [-1.2, 1],
      lower: [-5, -5],
      upper: [5, 5],
    };
    const free = fitLeastSquares(problem);
    expect(free.point[0]).toBeCloseTo(1, 6);
    expect(free.point[1]).toBeCloseTo(1, 6);
    const held = fitLeastSquares({ ...problem, upper: [0.5, 5] });
    expect(held.point[0]).toBeCloseTo(0.5, 9);
    expect(held.point[1]).toBeCloseTo(0.25, 6);
  });
});

describe('the knee', () => {
  it('is 8 for 8 slots of 10 ms, wherever the best level lies', () => {
    const slots = points([1, 5, 10, 20, 50], [99, 490, 795, 798, 796]);
    const knee = findKnee(slots, 10.1)!;
    expect(Math.abs(knee.concurrency - 8)).toBeLessThan(0.2);
    expect(knee).toMatchObject({ maxThroughput: 798, atConcurrency: 20 });
    expect(refineLevels([1, 5, 10, 20, 50], knee.concurrency)).toEqual([4, 6, 8, 12]);
  });

  it('proposes nothing twice and nothing below one', () => {
    expect(refineLevels([1], 0.4)).toEqual([]);
    expect(refineLevels([1, 2, 3], 2)).toEqual([4]);
  });

  it('is unknown without throughput', () => {
    expect(findKnee([], 10)).toBeNull();
    expect(findKnee([{ concurrency: 1, throughput: 0 }], 10)).toBeNull();
    expect(findKnee([{ concurrency: 1, throughput: 10 }], 0)).toBeNull();
  });
});
