import { describe, expect, it } from 'vitest';
import { judgeThreshold } from './threshold.js';

const base = { observed: 199, op: '<', limit: 200, limited: false } as const;

describe('a threshold', () => {
  it.each([
    ['<', 200, 'fail'],
    ['<=', 200, 'pass'],
    ['>', 200, 'fail'],
    ['>=', 200, 'pass'],
  ] as const)('observed at the limit: %s', (op, limit, status) => {
    expect(judgeThreshold({ observed: 200, op, limit, limited: false }).status).toBe(status);
  });

  it('names value and limit when it fails', () => {
    expect(judgeThreshold({ ...base, observed: 210.123 })).toEqual({
      status: 'fail',
      reason: 'observed 210.1, limit < 200',
    });
  });

  it('is inconclusive without a value', () => {
    for (const observed of [null, NaN, Infinity]) {
      expect(judgeThreshold({ ...base, observed }).status).toBe('inconclusive');
    }
  });

  it('keeps its pass and loses its failure when the generator was limited', () => {
    expect(judgeThreshold({ ...base, limited: true }).status).toBe('pass');
    const failed = judgeThreshold({ ...base, observed: 250, limited: true });
    expect(failed.status).toBe('inconclusive');
    expect(failed.reason).toMatch(/generator/);
  });

  it('is inconclusive when the interval reaches over the limit, from either side', () => {
    expect(judgeThreshold({ ...base, ci95: [190, 201] }).status).toBe('inconclusive');
    expect(judgeThreshold({ ...base, observed: 205, ci95: [199, 220] }).status).toBe('inconclusive');
    expect(judgeThreshold({ ...base, ci95: [190, 199.5] }).status).toBe('pass');
    expect(judgeThreshold({ ...base, observed: 205, ci95: [201, 220] }).status).toBe('fail');
    expect(judgeThreshold({ ...base, ci95: null }).status).toBe('pass');
  });
});
