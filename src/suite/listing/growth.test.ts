import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.js';
import { growthMetric, growthOf, isGrowth } from './growth.js';
import { heaviestTools } from './heaviest-tools.js';

const sizes = [9, 19, 109, 1009];

describe('growth', () => {
  it('finds the line that values lie on', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), (perTool) => {
        const growth = growthOf(sizes.map((tools) => ({ tools, value: 40 + perTool * tools })))!;
        expect(growth.perTool).toBeCloseTo(perTool, 9);
        expect(growth.base).toBeCloseTo(40, 6);
      }),
    );
  });

  it('holds the truth in its interval, and tells growth from none, with noise as machines make it', () => {
    const random = seededRandom('growth');
    const held = { growing: 0, level: 0 };
    for (let run = 0; run < 100; run++) {
      const points = (perTool: number) =>
        sizes.flatMap((tools) =>
          Array.from({ length: 20 }, () => ({ tools, value: 1 + perTool * tools + random.exponential(0.3) })),
        );
      const growing = growthOf(points(0.005))!;
      if (isGrowth(growing) && growing.ci95![0] <= 0.005 && 0.005 <= growing.ci95![1]) held.growing++;
      if (!isGrowth(growthOf(points(0))!)) held.level++;
    }
    // 95 of 100 are expected; 88 or fewer come once in 250 such tests.
    expect(held.growing).toBeGreaterThan(88);
    expect(held.level).toBeGreaterThan(88);
  });

  it('is not told where all values are of one size', () => {
    const growth = growthOf([1, 2, 3].map((value) => ({ tools: 7, value })));
    expect(growth).toBeUndefined();
    expect(growthMetric('x', growth, 'ms', 1000)).toEqual({});
  });
});

it('names the heaviest tools, whatever they call themselves', () => {
  const tools = [{ name: 'light' }, { name: '\u001b[2Jheavy\n', description: 'é'.repeat(50) }, { title: 3 }];
  expect(heaviestTools(tools, 2)).toEqual([
    { name: 'heavy', bytes: 144, tokens: 36, share: 144 / (144 + 16 + 11) },
    { name: 'light', bytes: 16, tokens: 4, share: 16 / (144 + 16 + 11) },
  ]);
  expect(heaviestTools([], 2)).toEqual([]);
});
