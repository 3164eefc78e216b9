import { describe, expect, it } from 'vitest';
import { loadMetrics, runResult, testResult } from '../run.fixture.js';
import { displayWidth } from './display-width.js';
import { summaryText, type SummaryOptions } from './summary.js';

const plain: SummaryOptions = {
  mode: 'compact',
  colours: false,
  files: [{ format: 'json', path: '.dyno/runs/x/run.json' }],
};

/** Where each text begins; fails the test that asks for one that is not there. */
function positions(text: string, parts: string[]): number[] {
  return parts.map((part) => {
    expect(text).toContain(part);
    return text.indexOf(part);
  });
}

describe('the end summary', () => {
  it('tells in the order of importance: verdict, failed, passed, operations, failures, quality, files, exit', () => {
    const text = summaryText(runResult(), plain);
    const at = positions(text, [
      'FAIL  1 of 2 tests failed.',
      'exercised: get_inventory',
      '✗ throughput-under-load',
      '✓ single-tool-latency',
      '– session-churn',
      'operation ',
      'timeout  ',
      'load quality',
      'target  ',
      'not judged',
      'warning',
      '.dyno/runs/x/run.json',
      'exit           99',
    ]);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  it('shows a missed limit with value, limit and margin', () => {
    const text = summaryText(runResult(), plain);
    expect(text).toMatch(
      /throughput 4,120\/s {3}limit >= 10,000\/s {3}58.8 % under\n {27}PERF_MIN_THROUGHPUT/,
    );
    expect(text).toMatch(/latency.p95 of get_inventory 6.3 ms {3}limit < 5 ms\n {27}26 % over/);
  });

  it('shows what passed with its values beside its limits', () => {
    expect(summaryText(runResult(), plain)).toMatch(
      /✓ single-tool-latency +mean 1.1 {2}p95 2.1 {2}p99 9.83 ms {2}limits 100 \/ 200 \/ 500/,
    );
  });

  it('leaves percentiles with too few samples blank and sums no percentiles', () => {
    const line = summaryText(runResult(), plain)
      .split('\n')
      .find((row) => row.startsWith('list_warehouses'))!;
    // n, err, calls/s, p50, p90, then nothing for p99 and p99.9, then max
    expect(line.split(/\s+/)).toEqual(['list_warehouses', '80', '0', '%', '8', '2.7', '4.8', '93']);
  });

  it.each(['compact', 'full'] as const)('keeps within 80 columns (%s)', (mode) => {
    const nasty = runResult({
      tests: [
        testResult({
          id: 'x'.repeat(300),
          status: 'fail',
          reason: '汉字'.repeat(200),
          thresholds: [],
          operations: {
            [`tools/call ${'長い名前'.repeat(40)}`]: { metrics: loadMetrics(1_234_567_890, 17, 1e6) },
          },
          failures: [{ class: 'rpc', message: 'm'.repeat(5000), count: 3, firstAt: 0, lastAt: 1 }],
        }),
      ],
      warnings: [`${'w'.repeat(200)} ${'v'.repeat(30)}`],
    });
    for (const line of summaryText(nasty, { ...plain, mode, files: [] }).split('\n')) {
      expect(displayWidth(line)).toBeLessThanOrEqual(80);
    }
  });

  it('takes escape sequences and line breaks out of what a server said', () => {
    const evil = '\u001b]0;pwned\u0007\u001b[2J\u001b[31mred\r\nFAKE PASS\u202e';
    const run = runResult({
      tests: [
        testResult({
          status: 'fail',
          reason: evil,
          thresholds: [],
          operations: { [`tools/call ${evil}`]: { metrics: loadMetrics(10, 1) } },
          failures: [{ class: 'tool', message: evil, count: 1, firstAt: 0, lastAt: 0 }],
          samples: [{ class: 'tool', operation: evil, request: evil, response: evil, at: 0 }],
        }),
      ],
      verdict: { status: 'fail', exitCode: 99, sentence: evil, exercised: evil },
      warnings: [evil],
    });
    for (const mode of ['compact', 'full'] as const) {
      const text = summaryText(run, { ...plain, mode });
      // eslint-disable-next-line no-control-regex
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(text).not.toMatch(/^FAKE/m);
      expect(text).not.toContain('pwned');
    }
  });

  it('counts passing tests that it does not show, and shows all of them in full', () => {
    const tests = Array.from({ length: 9 }, (_, index) => testResult({ id: `test-${index}` }));
    const run = runResult({ tests });
    expect(summaryText(run, plain)).toContain('… 5 more passed');
    expect(summaryText(run, { ...plain, mode: 'full' })).toContain('✓ test-8');
  });

  it('shows turns of several calls, where there were any', () => {
    const metric = (value: number | null, unit: string) => ({ value, unit });
    const metrics = {
      ...testResult().metrics,
      'turns.total': metric(300, 'count'),
      'turns.success_rate': metric(0.96, 'ratio'),
      'turns.throughput': metric(29.6, 'ops/s'),
      'turns.missing_field': metric(12, 'count'),
      'turns.cut': metric(2, 'count'),
      'turn_time.p50': metric(31.2, 'ms'),
      'turn_time.p99': metric(null, 'ms'),
    };
    const run = runResult({ tests: [testResult({ metrics })] });
    expect(summaryText(run, plain).replace(/\s+/g, ' ')).toContain(
      'turns 300 turns · 96 % ok · 29.6/s · p50 31.2 ms · 12 lacked a field · 2 cut',
    );
    expect(summaryText(runResult({ tests: [testResult({})] }), plain)).not.toContain('turns');
  });

  it('says when the generator was the limit, with the evidence', () => {
    const generator = {
      ...testResult().generator!,
      limited: true,
      evidence: ['A load thread was busy 97 % of the time.'],
    };
    const text = summaryText(runResult({ tests: [testResult({ generator })] }), plain);
    expect(text.replace(/\s+/g, ' ')).toContain('the generator was at its limit in single-tool-latency');
    expect(text).toContain('busy 97 % of the time');
    expect(text).not.toContain('what you see is the server');
  });

  it('says a note once, with the tests that say it', () => {
    const said = (id: string, notes: string[]) => testResult({ id, notes, status: 'pass' });
    const run = { ...runResult(), tests: [said('a', ['x.', 'y.']), said('b', ['x.']), said('c', ['x.'])] };
    const text = summaryText(run, { ...plain, mode: 'full' });
    expect(text.match(/^note .*/gm)).toEqual(['note           x. (3 tests)', 'note           y. (a)']);
  });

  it('colours only when asked, and says the same with marks', () => {
    expect(summaryText(runResult(), { ...plain, colours: true })).toContain('\u001b[31m');
    expect(summaryText(runResult(), plain)).not.toContain('\u001b');
    expect(summaryText(runResult(), { ...plain, mode: 'none' })).toBe('');
  });
});
