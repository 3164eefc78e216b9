import { describe, expect, it } from 'vitest';
import { evidenceOf, isHeldUp, stillWorking, verdictOf } from './evidence.js';
import type { Round } from './round.js';

const quiet = { answered: false, error: undefined, progress: 0 };
const round = (cancelled: boolean, followMs: number | undefined, more: Partial<Round> = {}): Round => ({
  cancelled,
  inFlight: 4,
  followMs,
  late: false,
  fault: undefined,
  cpuPercent: undefined,
  after: cancelled ? [quiet, quiet, quiet, quiet] : [],
  workedOff: undefined,
  tookMs: 400,
  ...more,
});
const workingOf = (rounds: Round[], idle?: number) => stillWorking(evidenceOf(rounds, 100, idle));

describe('what rounds with and without cancellation say', () => {
  it('a further call that waits as long as without it: the work goes on', () => {
    const evidence = evidenceOf([round(false, 300), round(true, 296), round(false, 310)], 100, undefined);
    expect(evidence.held).toBeCloseTo(0.98);
    expect(verdictOf(stillWorking(evidence))).toBe('goes on');
  });

  it('a further call that is as quick as alone: it stops', () => {
    expect(verdictOf(workingOf([round(false, 300), round(true, 104)]))).toBe('stops');
  });

  it('one round on a busy moment of the machine changes nothing', () => {
    const rounds = [
      round(false, 300),
      round(true, 104),
      round(true, 900),
      round(true, 110),
      round(true, 101),
    ];
    expect(verdictOf(workingOf(rounds))).toBe('stops');
  });

  it('calls that hold up nothing and take no CPU show nothing', () => {
    const rounds = [
      round(false, 101, { cpuPercent: 3 }),
      round(true, 100, { cpuPercent: 2 }),
      round(false, 125, { cpuPercent: 3 }),
    ];
    expect(evidenceOf(rounds, 100, 1)).toMatchObject({ held: undefined, cpu: undefined, counted: undefined });
    expect(workingOf(rounds, 1)).toBeUndefined();
    expect(verdictOf(undefined)).toBe('not seen');
  });

  it.each([
    [97, 'goes on'],
    [3, 'stops'],
    [50, 'partly'],
  ] as const)('%i %% of CPU after the cancellation, 98 %% without: %s', (left, verdict) => {
    const rounds = [round(false, 100, { cpuPercent: 98 }), round(true, 100, { cpuPercent: left })];
    expect(verdictOf(workingOf(rounds, 2))).toBe(verdict);
  });

  it("believes the server's own counts first", () => {
    const rounds = [round(false, 300), round(true, 104, { workedOff: 4 })];
    expect(evidenceOf(rounds, 100, undefined)).toMatchObject({ counted: 1, cancelled: 4 });
    expect(workingOf(rounds)).toBe(1);
  });

  it('takes answers and progress after the cancellation for work', () => {
    const answered = { ...quiet, answered: true };
    const rounds = [round(false, 300), round(true, 104, { after: [answered, answered, answered, quiet] })];
    expect(evidenceOf(rounds, 100, undefined)).toMatchObject({ lateAnswers: 3, cancelled: 4 });
    expect(workingOf(rounds)).toBe(0.75);
    expect(workingOf([round(false, 100), round(true, 100, { after: [{ ...quiet, progress: 2 }] })])).toBe(1);
  });

  it('counts errors that come as answers, and is not led by them', () => {
    const refused = { ...quiet, error: '-32800 cancelled' };
    const rounds = [round(false, 300), round(true, 104, { after: [refused, refused] })];
    expect(evidenceOf(rounds, 100, undefined)).toMatchObject({
      errorAnswers: 2,
      firstError: '-32800 cancelled',
    });
    expect(verdictOf(workingOf(rounds))).toBe('stops');
  });

  it('is held up by a third of its time and 20 ms', () => {
    expect(isHeldUp(round(false, 131), 100)).toBe(true);
    expect(isHeldUp(round(false, 125), 100)).toBe(false);
    expect(isHeldUp(round(false, 45), 30)).toBe(false);
    expect(isHeldUp(round(false, undefined), 100)).toBe(false);
  });
});
