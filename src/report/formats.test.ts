import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../core/histogram/index.js';
import type { RunResult } from '../core/index.js';
import { metricText } from './facts.js';
import {
  htmlReport,
  junitXml,
  markdownReport,
  metricsCsv,
  renderReport,
  reportFormat,
  reportFormats,
  seriesCsv,
} from './index.js';
import { code, plain } from './markdown/escape.js';
import { longRun } from './long-run.fixture.js';
import { runResult, testResult } from './run.fixture.js';
import { number, quantity } from './terminal/numbers.js';
import { summaryText } from './terminal/summary.js';

/** A CSV reader of our own: RFC 4180, quotes and all. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.split('\r\n').slice(0, -1)) {
    const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
    rows.push(cells.map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? ''));
  }
  return rows;
}

const hostile = '<img src=x onerror=alert(1)> | `x` @someone #12 [a](javascript:b) \u001b[31m"\',\n=1+1';

function hostileRun(): RunResult {
  const base = runResult();
  return runResult({
    target: { ...base.target, serverInfo: { name: hostile, version: hostile } },
    tests: [
      testResult({
        id: hostile,
        title: hostile,
        status: 'fail',
        reason: hostile,
        operations: { [hostile]: base.tests[1]!.operations['tools/call stock_level']! },
        failures: [{ class: 'tool', message: hostile, count: 1, firstAt: 1, lastAt: 2 }],
        samples: [{ class: 'tool', operation: hostile, request: hostile, response: hostile, at: 1 }],
        notes: [hostile],
      }),
    ],
    warnings: [hostile],
  });
}

describe('all formats', () => {
  it('show the same numbers', () => {
    const run = runResult();
    const [, test] = run.tests;
    const csv = parseCsv(metricsCsv(run));
    const terminal = summaryText(run, { mode: 'full', colours: false, files: [] });
    const html = htmlReport(run);
    const markdown = markdownReport(run);
    const junit = junitXml(run);
    const prometheus = renderReport('prometheus', run);
    const rowOf = (operation: string, metric: string) =>
      csv.find((row) => row[1] === test!.id && row[3] === operation && row[4] === metric)!;
    let compared = 0;
    for (const [name, metric] of Object.entries(test!.metrics)) {
      const row = rowOf('', name);
      expect(row[5]).toBe(metric.value === null ? '' : String(metric.value));
      const shown = metricText({ value: Number(row[5]), unit: row[6]! });
      expect(html).toContain(`<td>${name}</td><td class="n">${shown}</td>`);
      expect(markdown).toContain(`| \`${name}\` | ${shown} |`);
      expect(junit).toContain(`<property name="${name}" value="${row[5]} ${row[6]}"/>`);
      const line = new RegExp(
        `^dyno_${name.replace(/\\./g, '_')}\\w*\\{test="${test!.id}"\\} (.*)$`,
        'm',
      ).exec(prometheus);
      expect(line?.[1] ?? '').toBe(row[5]);
      compared++;
    }
    expect(compared).toBe(17);
    for (const [operation, { metrics }] of Object.entries(test!.operations)) {
      const cells = ['p50', 'p90', 'p99', 'p999', 'max'].map((suffix) => {
        const [value] = [rowOf(operation, `latency.${suffix}`)[5]!];
        expect(value).toBe(String(metrics[`latency.${suffix}`]!.value ?? ''));
        return value === '' ? '' : number(Number(value));
      });
      const name = operation.replace('tools/call ', '');
      const line = (text: string, start: string) => text.split('\n').find((one) => one.startsWith(start))!;
      expect(line(markdown, `| \`${name}\``)).toContain(`| ${cells.join(' | ')} |`);
      expect(html).toContain(cells.map((cell) => `<td class="n">${cell}</td>`).join(''));
      const shown = terminal
        .split('\n')
        .filter((one) => one.startsWith(name))
        .map((one) => one.split(/\s+/).slice(-cells.filter((cell) => cell !== '').length));
      expect(shown).toContainEqual(cells.filter((cell) => cell !== ''));
    }
    for (const { observed, limit, unit } of test!.thresholds) {
      for (const text of [terminal, markdown, html, junit]) {
        expect(text).toContain(quantity(observed, unit));
        expect(text).toContain(quantity(limit, unit));
      }
    }
  });

  it.each(reportFormats)('%s is written for an empty run and a hostile one', (format) => {
    for (const run of [runResult({ tests: [] }), hostileRun()]) {
      const text = renderReport(format, run);
      expect(text.length).toBeGreaterThan(0);
      expect(text.endsWith('\n')).toBe(true);
      // eslint-disable-next-line no-control-regex
      if (format !== 'json') expect(text).not.toMatch(/[\u0000-\u0008\u000e-\u001f]/);
    }
  });

  it('names the nearest format for a wrong one', () => {
    expect(() => reportFormat('htlm')).toThrow("There is no report format 'htlm'");
  });
});

describe('CSV', () => {
  it('reads back as what was written, whatever the names; no cell is a formula', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), (name) => {
        const rows = parseCsv(
          metricsCsv(
            runResult({
              tests: [testResult({ id: 'a', operations: { [name]: { metrics: testResult().metrics } } })],
            }),
          ),
        );
        expect(new Set(rows.map((row) => row.length))).toEqual(new Set([9]));
        for (const row of rows) for (const cell of row.slice(0, 5)) expect(cell).not.toMatch(/^[=+@\t-]/);
      }),
    );
  });

  it('puts every series into one table with a column for each name', () => {
    const one = testResult({ id: 'one', series: { t: [1, 2], throughput: [39, null] } });
    const two = testResult({ id: 'two', series: { t: [1], 'target.rss': [7] } });
    expect(parseCsv(seriesCsv(runResult({ tests: [one, two] })))).toEqual([
      ['run', 'test', 't', 'throughput', 'target.rss'],
      ['2026-11-22T23-10-05Z-8f3a', 'one', '1', '39', ''],
      ['2026-11-22T23-10-05Z-8f3a', 'one', '2', '', ''],
      ['2026-11-22T23-10-05Z-8f3a', 'two', '1', '', '7'],
    ]);
  });
});

describe('JUnit', () => {
  it('has a case for every test and threshold, and counts what failed', () => {
    const xml = junitXml(runResult());
    expect(xml).toMatch(
      /<testsuites name="[^"]+" tests="8" failures="3" errors="0" skipped="1" time="61.234"/,
    );
    expect([...xml.matchAll(/<testcase /g)]).toHaveLength(8);
    expect(xml).toContain(
      '<failure message="throughput 4,120/s, limit &gt;= 10,000/s, 58.8 % under" type="failure">',
    );
    expect(xml).toContain('<skipped message="the stateless era has no sessions"/>');
  });

  it('takes an undecided test for an error, unless the run passes all the same', () => {
    const tests = [testResult({ status: 'inconclusive', reason: 'noise', thresholds: [] })];
    const verdict = { ...runResult().verdict, status: 'inconclusive' as const };
    expect(junitXml(runResult({ tests, verdict: { ...verdict, exitCode: 112 } }))).toContain('errors="1"');
    expect(junitXml(runResult({ tests, verdict: { ...verdict, exitCode: 0 } }))).toContain(
      'errors="0" skipped="1"',
    );
  });

  it('is well-formed whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const xml = junitXml(runResult({ tests: [testResult({ id: text, reason: text, status: 'error' })] }));
        // Without tags nothing is left that XML would read as markup, nor a character that it cannot hold.
        const rest = xml.replace(/<[/?]?[a-z]+(?: [a-z]+="[^"<>]*")*[/?]?>/g, '');
        expect(rest).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|apos|#10);)/);
        // eslint-disable-next-line no-control-regex
        expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u);
      }),
    );
  });
});

describe('Markdown', () => {
  it('begins with the marker and shows ten rows at most before what opens, the worst first', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      ...testResult().thresholds[0]!,
      metric: `latency.p${i}`,
      observed: 50 + i * 10,
      limit: 100,
      status: 50 + i * 10 < 100 ? ('pass' as const) : ('fail' as const),
    }));
    const text = markdownReport(runResult({ tests: [testResult({ status: 'fail', thresholds: many })] }));
    expect(text.startsWith('<!-- mcp-dyno:report -->\n')).toBe(true);
    const rows = text.slice(0, text.indexOf('<details>')).match(/^\| [✓✗?–] .*$/gm)!;
    expect(rows).toHaveLength(10);
    expect(rows[0]).toContain('latency.p29');
    expect(rows[1]).toContain('latency.p28');
    expect(text).toContain('<summary>20 more rows</summary>');
  });

  it('leads with the comparison where there is one, and warns of another environment first', () => {
    const run = longRun({ seconds: 20, operations: 2, points: 20, callsPerSecond: 100 });
    const text = markdownReport(run);
    expect(text.split('\n')[2]).toContain('⚠ Base ran on another machine');
    const rows = text.match(/^\| [✓✗?–] .*$/gm)!;
    expect(rows[0]).toBe('| ✗ | `soak latency.p99` | 9.1 ms | 12.6 ms | +38 % (+30 … +47) | worse |');
    expect(rows[1]).toContain('undecided: the noise is wider than the question');
  });

  it('stays under 60,000 characters, and says what it left out', () => {
    const tests = Array.from({ length: 80 }, (_, i) => ({
      ...runResult().tests[1]!,
      id: `test-${i}-${'x'.repeat(60)}`,
    }));
    const text = markdownReport(
      runResult({ tests, warnings: Array.from({ length: 400 }, () => hostile.repeat(4)) }),
    );
    expect(text.length).toBeLessThan(60_000);
    expect(text).toMatch(/\d+ more parts are too long for a comment/);
    expect((text.match(/<details>/g) ?? []).length).toBe((text.match(/<\/details>/g) ?? []).length);
  });

  it('keeps hostile text as text', () => {
    const text = markdownReport(hostileRun());
    const outside = text.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '');
    expect(outside.replace(/<!-- mcp-dyno:report -->|<\/?(?:details|summary)>/g, '')).not.toMatch(
      /<[a-z!/]/i,
    );
    expect(outside).not.toMatch(/@someone|[^\\]\[a\]|[^\\]#12/);
  });

  it('has code spans that no text can leave', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', 'a', '|', ' ', '\n', '<') }), (text) => {
        const span = code(text);
        if (span === '') return;
        const fence = /^`+/.exec(span)![0];
        const inner = span.slice(fence.length, -fence.length);
        expect(inner.split(/[^`]+/).every((run) => run.length !== fence.length)).toBe(true);
        expect(span).not.toContain('\n');
        expect(inner.replaceAll('\\|', '')).not.toContain('|');
      }),
    );
  });

  it('shows plain text letter by letter', () => {
    expect(plain('a|b *c* <d> @me #1 https://x')).toBe(
      'a\\|b \\*c\\* &lt;d&gt; @\u2060me \\#\u20601 https:\u2060//x',
    );
  });
});

describe('HTML', () => {
  it('leaves out a histogram that cannot be read', () => {
    const histogram = new Histogram();
    histogram.record(3, 100);
    const html = htmlReport(
      runResult({ tests: [testResult({ histograms: { latency: 'AAAA', ttfb: histogram.toBase64() } })] }),
    );
    expect(html).toContain('unreadable');
    const curves = JSON.parse(/id="curves">(.*?)<\/script>/.exec(html)![1]!) as {
      tests: { name: string; count: number }[][];
    };
    expect(curves.tests[0]).toMatchObject([{ name: 'ttfb', count: 100 }]);
  });

  it('has a template below 150 kB', () => {
    expect(htmlReport(runResult({ tests: [] })).length).toBeLessThan(150_000);
  });
});
