import { describe, expect, it } from 'vitest';
import type { TestResult } from '../../core/run-result.js';
import { verdictSentence } from './verdict-sentence.js';

function result(id: string, status: TestResult['status'], reason?: string): TestResult {
  return {
    id,
    title: id,
    tags: [],
    status,
    ...(reason === undefined ? {} : { reason }),
    durationMs: 1,
    metrics: {},
    thresholds: [],
    failures: [],
    operations: {},
    series: { t: [] },
    histograms: {},
    samples: [],
    notJudged: [],
    notes: [],
  };
}

describe('verdictSentence', () => {
  it('counts only what ran, and says how many did not apply', () => {
    const tests = [result('a', 'pass'), result('b', 'pass'), result('c', 'skipped', 'no sessions')];
    expect(verdictSentence(tests, false)).toBe('All 2 tests passed. 1 other did not apply and was skipped.');
    expect(verdictSentence(tests.slice(0, 1), true)).toBe('The test passed. Stopped before its end.');
    expect(verdictSentence(tests.slice(2), false)).toBe('Nothing was measured: 1 test skipped.');
  });

  it('names what could not be carried out and what failed, the worse first', () => {
    const tests = [result('a', 'fail', 'it leaks.'), result('b', 'error', 'died'), result('c', 'pass')];
    expect(verdictSentence(tests, false)).toBe(
      '2 of 3 tests failed. b could not be carried out (died); a: it leaks.',
    );
  });

  it('says what is undecided, and why', () => {
    const tests = [result('a', 'inconclusive', 'the generator was late'), result('b', 'pass')];
    expect(verdictSentence(tests, false)).toBe('Not decided: a: the generator was late.');
  });
});
