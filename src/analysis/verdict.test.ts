import { describe, expect, it } from 'vitest';
import type { TestStatus } from '../core/index.js';
import { combineVerdict, type JudgedTest, type VerdictOptions } from './verdict.js';

const tests = (...statuses: TestStatus[]): JudgedTest[] =>
  statuses.map((status, i) => ({ id: `t${i}`, status }));

describe('the verdict of a run', () => {
  it.each<[string, JudgedTest[], VerdictOptions, string, number]>([
    ['all passed', tests('pass', 'pass'), {}, 'pass', 0],
    ['a skipped test fails nothing', tests('pass', 'skipped'), {}, 'pass', 0],
    ['everything skipped', tests('skipped', 'skipped'), {}, 'inconclusive', 112],
    ['nothing ran', [], {}, 'inconclusive', 112],
    ['one failed', tests('pass', 'fail', 'inconclusive'), {}, 'fail', 99],
    ['one undecided', tests('pass', 'inconclusive'), {}, 'inconclusive', 112],
    ['undecided but allowed', tests('pass', 'inconclusive'), { allowInconclusive: true }, 'inconclusive', 0],
    ['the target died', tests('error', 'pass'), {}, 'error', 99],
    ['the target was never there', [{ id: 'a', status: 'error', exitCode: 111 }], {}, 'error', 111],
    ['dyno itself failed', [{ id: 'a', status: 'error', exitCode: 1 }, ...tests('fail')], {}, 'error', 1],
    ['a regression', tests('pass'), { regression: true }, 'fail', 113],
    ['a failure before a regression', tests('fail'), { regression: true }, 'fail', 99],
    ['a regression before an undecided test', tests('inconclusive'), { regression: true }, 'fail', 113],
    [
      'a comparison that could not decide',
      tests('pass'),
      { comparisonInconclusive: true },
      'inconclusive',
      112,
    ],
    ['stopped by a signal', tests('pass'), { stopped: true }, 'inconclusive', 105],
    ['stopped after a failure', tests('fail'), { stopped: true }, 'fail', 105],
    [
      'stopped, inconclusive allowed',
      tests('pass'),
      { stopped: true, allowInconclusive: true },
      'inconclusive',
      105,
    ],
  ])('%s', (_, judged, options, status, exitCode) => {
    expect(combineVerdict(judged, options)).toMatchObject({ status, exitCode });
  });

  it('names the tests by status', () => {
    expect(combineVerdict(tests('pass', 'fail', 'pass')).tests).toMatchObject({
      pass: ['t0', 't2'],
      fail: ['t1'],
    });
  });
});
