import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearest } from './nearest.js';

describe('edit distance', () => {
  // Values of the optimal string alignment distance by hand; "ca" → "abc" is 3 in OSA, 2 in unrestricted.
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['durration', 'duration', 1],
    ['duartion', 'duration', 1],
    ['ca', 'abc', 3],
  ])('of %s and %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is symmetric, zero only for the same text and never above the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('the nearest candidate', () => {
  it('is the one with fewest mistakes', () => {
    expect(nearest('durration', ['connections', 'duration', 'iterations'])).toBe('duration');
    expect(nearest('DURATION', ['duration'])).toBe('duration');
  });

  it('is none where nothing is near', () => {
    expect(nearest('xyz', ['duration', 'rate'])).toBeUndefined();
    expect(nearest('q'.repeat(5000), ['duration'])).toBeUndefined();
    expect(didYouMean('xyz', ['duration'])).toBeUndefined();
  });

  it('makes a hint', () => {
    expect(didYouMean('lod', ['load', 'test'])).toBe("Did you mean 'load'?");
  });
});
