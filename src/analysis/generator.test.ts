import { describe, expect, it } from 'vitest';
import { attributeLimit, judgeGenerator, type LoadEvidence } from './generator.js';

describe('the generator', () => {
  it('is limited when a thread is busy above 85 %', () => {
    const judged = judgeGenerator({ busyShare: 0.91, scheduleLagP99Ms: 0.01, latencyP50Ms: 1 });
    expect(judged.limited).toBe(true);
    expect(judged.evidence).toEqual([expect.stringMatching(/busy 91 %.*85 %/)]);
    expect(judgeGenerator({ busyShare: 0.85, scheduleLagP99Ms: 0.01, latencyP50Ms: 1 }).limited).toBe(false);
  });

  it('needs a lag above both 0.5 ms and a tenth of the latency', () => {
    const limited = (scheduleLagP99Ms: number, latencyP50Ms: number) =>
      judgeGenerator({ busyShare: 0.2, scheduleLagP99Ms, latencyP50Ms }).limited;
    expect(limited(0.4, 0.1)).toBe(false);
    expect(limited(0.6, 0.1)).toBe(true);
    expect(limited(2, 100)).toBe(false);
    expect(limited(11, 100)).toBe(true);
  });

  it('is not limited where nothing was measured', () => {
    expect(judgeGenerator({ busyShare: 0, scheduleLagP99Ms: null, latencyP50Ms: null })).toEqual({
      limited: false,
      evidence: [],
    });
  });
});

describe('what was at its limit', () => {
  const load: LoadEvidence = {
    limited: false,
    offeredRate: 100,
    achievedRate: 60,
    slots: 10,
    meanInFlight: 10,
    targetCpuPercent: 20,
    serviceTimeP50Ms: 10,
    unloadedServiceTimeMs: 10,
  };

  it.each<[string, Partial<LoadEvidence>, string]>([
    ['a limited generator first', { limited: true, targetCpuPercent: 100 }, 'generator'],
    ['nothing, when the load was carried', { achievedRate: 99 }, 'none'],
    ['a target on its last core', { targetCpuPercent: 99 }, 'target'],
    ['a target that slows down', { serviceTimeP50Ms: 30 }, 'target'],
    ['slots that were all in use', {}, 'slots'],
    [
      'slots, where the target cannot be seen',
      { targetCpuPercent: null, unloadedServiceTimeMs: null },
      'slots',
    ],
    ['the target, when all else had room', { meanInFlight: 3 }, 'target'],
    ['slots in a closed model', { offeredRate: null }, 'slots'],
    ['nothing in a closed model that thinks', { offeredRate: null, meanInFlight: 2 }, 'none'],
  ])('%s', (_, change, limit) => {
    const found = attributeLimit({ ...load, ...change });
    expect(found.limit).toBe(limit);
    expect(found.sentence).toMatch(/^[A-Z].*\.$/);
  });
});
