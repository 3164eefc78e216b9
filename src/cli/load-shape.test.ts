import { describe, expect, it } from 'vitest';
import { mergeSettings, resolveContradictions } from '../plan/options/index.js';
import { parseCommandLine } from './command-line.js';
import { loadShapeOf, plannedRate } from './load-shape.js';

const merged = (line: string) => {
  const { flags } = parseCommandLine(
    'load',
    line.split(' ').filter((word) => word !== ''),
  );
  return resolveContradictions(mergeSettings('load', { environment: {}, flags }));
};
const open = { vus: 10, arrivals: 'constant', maxWaiting: 10_000 };
const dayMs = 86_400_000;

describe('the load that flags describe', () => {
  it.each([
    ['', { kind: 'constant-vus', vus: 10, durationMs: 10_000 }],
    ['-c 3 -d 1m', { kind: 'constant-vus', vus: 3, durationMs: 60_000 }],
    ['-n 100', { kind: 'shared-iterations', vus: 10, iterations: 100, maxDurationMs: dayMs }],
    ['-n 4 -c 10', { kind: 'shared-iterations', vus: 4, iterations: 4, maxDurationMs: dayMs }],
    ['-n 100 -d 5s', { kind: 'shared-iterations', vus: 10, iterations: 100, maxDurationMs: 5000 }],
    ['-R 50', { kind: 'constant-arrival-rate', rate: 50, durationMs: 10_000, ...open }],
    ['-R 50 -n 100', { kind: 'constant-arrival-rate', rate: 50, durationMs: 2000, ...open }],
    ['-R 50 -n 100 -d 1s', { kind: 'constant-arrival-rate', rate: 50, durationMs: 1000, ...open }],
    [
      '-R 5 --arrivals poisson --max-waiting 7',
      {
        kind: 'constant-arrival-rate',
        rate: 5,
        durationMs: 10_000,
        vus: 10,
        arrivals: 'poisson',
        maxWaiting: 7,
      },
    ],
    [
      '--stage 5s:10 --stage 1s:0',
      {
        kind: 'ramping-vus',
        startVus: 1,
        stages: [
          { durationMs: 5000, target: 10 },
          { durationMs: 1000, target: 0 },
        ],
      },
    ],
    [
      '-c 2 --stage 5s:10.4',
      { kind: 'ramping-vus', startVus: 2, stages: [{ durationMs: 5000, target: 10 }] },
    ],
    [
      '-R 10 --stage 5s:50.5',
      { kind: 'ramping-arrival-rate', startRate: 10, stages: [{ durationMs: 5000, target: 50.5 }], ...open },
    ],
  ])('%s', (line, executor) => {
    expect(loadShapeOf(merged(line)).executor).toEqual(executor);
  });

  it('has warm-up and think time where asked for', () => {
    expect(loadShapeOf(merged('--warmup auto --think-time 250ms'))).toMatchObject({
      warmup: { kind: 'auto' },
      thinkTime: { kind: 'constant', ms: 250 },
    });
    expect(loadShapeOf(merged('--warmup 2s'))).toMatchObject({ warmup: { kind: 'time', ms: 2000 } });
    expect(loadShapeOf(merged(''))).not.toHaveProperty('thinkTime');
  });

  it('makes turns where asked for', () => {
    expect(loadShapeOf(merged('--burst 4 --burst-parallel 9 --think-time exp:2s'))).toMatchObject({
      turn: { kind: 'burst', calls: 4, parallel: 4 },
      thinkTime: { kind: 'exponential', meanMs: 2000 },
    });
    expect(loadShapeOf(merged('--burst 4'))).toMatchObject({ turn: { calls: 4, parallel: 1 } });
    expect(loadShapeOf(merged(''))).not.toHaveProperty('turn');
    // An arrival is a turn: what a public host gets is all its calls.
    expect(plannedRate(merged('-R 10 --burst 4'), 4)).toBe(40);
  });

  it('knows how fast it calls at most, where it sets the pace', () => {
    expect(plannedRate(merged('-R 10'))).toBe(10);
    expect(plannedRate(merged('-R 10 --stage 1s:40 --stage 1s:5'))).toBe(40);
    expect(plannedRate(merged('-c 1'))).toBeUndefined();
  });
});
