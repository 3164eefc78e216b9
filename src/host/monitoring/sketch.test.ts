import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MovingSketch, Sketch } from './sketch.js';

const of = (values: readonly number[]) => {
  const sketch = new Sketch();
  for (const value of values) sketch.add(value);
  return sketch;
};

/** Nearest rank, as NIST has it: https://www.itl.nist.gov/div898/handbook/prc/section2/prc262.htm */
const exact = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)]!;

const magnitude = fc.double({ min: 1e-9, max: 1e15, noNaN: true });
const value = fc.oneof(
  magnitude,
  magnitude.map((x) => -x),
  fc.constant(0),
  fc.integer({ min: -50, max: 50 }),
);
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('a sketch', () => {
  it('is within 0.8 % of the exact quantile, for values of any sign and size', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), share, (values, at) => {
        const truth = exact(values, at);
        expect(Math.abs(of(values).quantile(at) - truth)).toBeLessThanOrEqual(0.008 * Math.abs(truth));
      }),
      { numRuns: 500 },
    );
  });

  it('merged from parts is the sketch of the whole', () => {
    fc.assert(
      fc.property(fc.array(value), fc.array(value), share, (left, right, at) => {
        const merged = of(left);
        merged.merge(of(right));
        const whole = of([...left, ...right]);
        expect(merged.count).toBe(whole.count);
        expect(merged.quantile(at)).toBe(whole.quantile(at));
      }),
    );
  });

  it('knows the ends exactly, and nothing without values', () => {
    const sketch = of([3.3, 0.1, 77.7]);
    expect([sketch.quantile(0), sketch.quantile(1)]).toEqual([0.1, 77.7]);
    expect(new Sketch().quantile(0.5)).toBeNaN();
  });

  it('takes what is beyond its range for the nearest it knows, inside of what was added', () => {
    const sketch = of([1e-300, 1e300, 5e-324, 1.7e308]);
    expect(sketch.quantile(0.5)).toBeGreaterThanOrEqual(5e-324);
    expect(sketch.quantile(1)).toBe(1.7e308);
  });
});

describe('a moving sketch', () => {
  it('forgets the oldest span with each turn', () => {
    const moving = new MovingSketch(3);
    moving.add(1);
    moving.turn();
    moving.add(2);
    moving.turn();
    moving.add(3);
    expect(moving.all().count).toBe(3);
    moving.turn();
    expect([moving.all().count, moving.all().quantile(0)]).toEqual([2, 2]);
    moving.turn();
    moving.turn();
    expect(moving.all().count).toBe(0);
  });
});
