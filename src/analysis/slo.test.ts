import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/index.js';
import { backlogGrows, callsToPass, judgeProbe, shareOver, type ProbeInterval } from './slo-probe.js';
import { nextSloStep, type Probe, type SloSearchPlan, type SloStep } from './slo-search.js';

const plan: SloSearchPlan = { startRate: 10, maxRate: 100_000 };

/** Runs a search against a made server; returns the result and the probes. */
function search(
  chosen: SloSearchPlan,
  server: (rate: number) => Probe['outcome'],
): { result: Extract<SloStep, { kind: 'result' }>; probes: Probe[]; phases: string[] } {
  const probes: Probe[] = [];
  const phases: string[] = [];
  for (;;) {
    const step = nextSloStep(chosen, probes);
    if (step.kind === 'result') return { result: step, probes, phases };
    phases.push(step.phase);
    probes.push({ rate: step.rate, outcome: server(step.rate) });
  }
}

describe('the SLO search', () => {
  it('finds an edge within its tolerance and repeats both sides three times', () => {
    const { result, probes, phases } = search(plan, (rate) => (rate <= 780 ? 'pass' : 'fail'));
    expect(result.ended).toBe('edge');
    expect(result.rate).toBeLessThanOrEqual(780);
    expect(result.rate! / 780).toBeGreaterThan(0.96);
    expect(result.interval[1]).toBeGreaterThan(780);
    for (const side of result.interval) {
      expect(probes.filter((probe) => probe.rate === side).length).toBe(3);
    }
    expect(phases.slice(0, 3)).toEqual(['double', 'double', 'double']);
    expect(probes.length).toBeLessThan(20);
  });

  it('finds any edge between the limits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 90_000, noNaN: true }), (edge) => {
        const { result } = search(plan, (rate) => (rate <= edge ? 'pass' : 'fail'));
        expect(result.ended).toBe('edge');
        expect(result.interval[0]!).toBeLessThanOrEqual(edge);
        expect(result.interval[1]!).toBeGreaterThan(edge);
        expect(result.interval[1]! / result.interval[0]!).toBeLessThanOrEqual(1.0401);
      }),
    );
  });

  it('lands near the edge though one probe in ten lies', () => {
    const random = seededRandom('liar');
    let near = 0;
    for (let run = 0; run < 100; run++) {
      const { result } = search({ ...plan, maxProbes: 60 }, (rate) =>
        rate <= 780 === random.next() > 0.1 ? 'pass' : 'fail',
      );
      if (result.rate !== null && Math.abs(result.rate / 780 - 1) < 0.1) near++;
    }
    expect(near).toBeGreaterThanOrEqual(70);
  });

  it('leaves the edge an edge where the generator was late in one probe of three', () => {
    const asked = new Map<number, number>();
    const { result } = search({ startRate: 100, maxRate: 100_000 }, (rate) => {
      const times = (asked.get(rate) ?? 0) + 1;
      asked.set(rate, times);
      if (rate < 3000) return 'pass';
      return times === 2 ? 'limited' : 'fail';
    });
    expect(asked.get(result.interval[1]!)).toBe(3);
    expect(result.ended).toBe('edge');
  });

  it('stops at the limits, and says which', () => {
    expect(search({ startRate: 10, maxRate: 55 }, () => 'pass').result).toMatchObject({
      rate: 55,
      interval: [55, null],
      ended: 'max-rate',
    });
    expect(search(plan, () => 'fail').result).toMatchObject({
      rate: null,
      interval: [null, 0.1],
      ended: 'min-rate',
    });
    expect(search(plan, (rate) => (rate < 3000 ? 'pass' : 'limited')).result.ended).toBe('generator');
    expect(search(plan, () => 'limited').result).toMatchObject({ rate: null, ended: 'generator' });
    expect(search({ ...plan, maxProbes: 5 }, (rate) => (rate < 3000 ? 'pass' : 'fail')).result.ended).toBe(
      'probes',
    );
  });

  it('ends whatever the server does', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        const { result } = search(plan, () => random.pick(['pass', 'fail', 'unclear', 'limited'] as const));
        expect(result.probes).toBeLessThanOrEqual(40);
      }),
    );
  });
});

function intervals(count: number, one: (i: number) => Partial<ProbeInterval>): ProbeInterval[] {
  return Array.from({ length: count }, (_, i) => ({
    offered: 100,
    ended: 100,
    over: 0,
    backlog: 2,
    ...one(i),
  }));
}

const judge = (list: ProbeInterval[], limited = false) =>
  judgeProbe({ intervals: list, allowedShare: 0.01, limited, random: seededRandom('probe') });

describe('a probe', () => {
  it('passes when few calls break the objective', () => {
    expect(judge(intervals(40, () => ({}))).outcome).toBe('pass');
    expect(judge(intervals(40, (i) => ({ over: i % 5 === 0 ? 1 : 0 })))).toMatchObject({
      outcome: 'pass',
      share: 0.002,
    });
  });

  it('fails when clearly more than allowed do, is unclear between', () => {
    expect(judge(intervals(40, (i) => ({ over: 2 + (i % 3) }))).outcome).toBe('fail');
    expect(judge(intervals(40, (i) => ({ over: i % 5 === 0 ? 0 : 1 })))).toMatchObject({
      outcome: 'unclear',
    });
  });

  it('does not pass on too few calls', () => {
    expect(judge(intervals(3, () => ({}))).outcome).toBe('unclear');
  });

  it('fails when calls do not end or pile up', () => {
    expect(judge(intervals(40, () => ({ ended: 97 })))).toMatchObject({
      outcome: 'fail',
      reason: expect.stringMatching(/97 %/) as string,
    });
    expect(judge(intervals(40, (i) => ({ backlog: 2 * i, ended: 98 }))).reason).toBe('the backlog grew');
    expect(judge(intervals(10, () => ({ ended: 0 }))).outcome).toBe('fail');
  });

  it('is not held against the server when the generator was limited', () => {
    expect(
      judge(
        intervals(40, () => ({ ended: 50 })),
        true,
      ).outcome,
    ).toBe('limited');
    expect(
      judge(
        intervals(40, () => ({})),
        true,
      ).outcome,
    ).toBe('pass');
  });

  it('has an interval that widens when the slow calls come in bunches', () => {
    const width = (over: (i: number) => number) => {
      const { ci95 } = shareOver(
        intervals(60, (i) => ({ over: over(i) })),
        seededRandom('bunch'),
      );
      return ci95[1] - ci95[0];
    };
    expect(width((i) => (i >= 20 && i < 26 ? 10 : 0))).toBeGreaterThan(2 * width(() => 1));
  });
});

describe('a backlog', () => {
  it('grows when it grows, not when it only moves', () => {
    const random = seededRandom('backlog');
    expect(backlogGrows(intervals(40, (i) => ({ backlog: 3 * i + random.integer(0, 20) })))).toBe(true);
    for (let run = 0; run < 100; run++) {
      expect(backlogGrows(intervals(40, () => ({ backlog: random.integer(0, 60) })))).toBe(false);
    }
  });
});

/** A server of `slots` that take `serviceMs` (±1 %) each, under constant arrivals; 100 ms intervals, objective 50 ms. */
function simulateProbe(
  rate: number,
  seconds: number,
  slots: number,
  serviceMs: number,
  seed: string,
): ProbeInterval[] {
  const random = seededRandom(seed);
  const free = new Array<number>(slots).fill(0);
  const list = intervals(seconds * 10, () => ({ offered: 0, ended: 0, backlog: 0 }));
  for (let i = 0; i < rate * seconds; i++) {
    const due = (1000 * i) / rate;
    const slot = free.indexOf(Math.min(...free));
    const end = Math.max(due, free[slot]!) + serviceMs * (1 + random.normal(0, 0.01));
    free[slot] = end;
    list[Math.floor(due / 100)]!.offered++;
    for (let k = Math.floor(due / 100); k < list.length && end >= 100 * (k + 1); k++) list[k]!.backlog++;
    const ended = list[Math.floor(end / 100)];
    if (!ended) continue;
    ended.ended++;
    if (end - due > 50) ended.over++;
  }
  return list;
}

describe('search and probes together', () => {
  it('finds the edge of 8 slots of 10 ms, 800 calls/s, within 5 %', () => {
    for (let run = 0; run < 5; run++) {
      let probe = 0;
      const { result } = search({ startRate: 150, maxRate: 20_000 }, (rate) => {
        const list = simulateProbe(rate, Math.max(3, callsToPass(0.01) / rate), 8, 10, `${run} ${probe++}`);
        return judgeProbe({
          intervals: list,
          allowedShare: 0.01,
          limited: false,
          random: seededRandom(probe),
        }).outcome;
      });
      expect(result.ended).toBe('edge');
      expect(Math.abs(result.rate! / 800 - 1)).toBeLessThan(0.05);
    }
  });

  it('knows how many calls a probe needs, and passes with them', () => {
    expect(callsToPass(0.01)).toBe(381);
    expect(callsToPass(0.05)).toBe(73);
    const few = (calls: number) =>
      judge(intervals(3, () => ({ offered: calls / 3, ended: calls / 3, backlog: 0 })));
    expect(few(381).outcome).toBe('pass');
    expect(few(378).outcome).toBe('unclear');
  });

  it('does not take the last call in flight for a missing one', () => {
    const list = intervals(30, () => ({ offered: 13, ended: 13, backlog: 5 }));
    list[0]!.ended = 8;
    expect(judge(list).outcome).toBe('pass');
  });
});
