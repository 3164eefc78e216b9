import type { RunResult, TestResult } from '../../core/index.js';
import { factsOf, metricText } from '../facts.js';
import { count, number, percent } from '../terminal/numbers.js';
import { code, details, markdownTable, plain } from './escape.js';
import { comparedRows, judgedRows, type Rows } from './rows.js';

/** The hidden first line by which a comment is found again and updated in place. */
export const markdownMarker = '<!-- mcp-dyno:report -->';

const mostRows = 10;
/** GitHub refuses comments above 65,536 characters. */
const mostCharacters = 59_000;

const verdictWords = {
  pass: '✓ Pass',
  fail: '✗ Fail',
  inconclusive: '? Undecided',
  error: '✗ Error',
} as const;

/**
 * A comment for a pull request: a hidden marker, what is not comparable, the verdict, at most ten rows (worst first), and
 * the rest in blocks that open on a click. Always below 60,000 characters: blocks that do not fit are left out and named.
 */
export function markdownReport(run: RunResult): string {
  const { verdict, comparison } = run;
  const word =
    comparison?.verdict === 'regression' && verdict.status === 'pass'
      ? '✗ Regression'
      : verdictWords[verdict.status];
  const main =
    comparison && comparison.metrics.length > 0 ? comparedRows(comparison.metrics) : judgedRows(run);
  const head = [
    markdownMarker,
    ...(comparison?.warnings ?? []).map((warning) => `> ⚠ ${plain(warning)}`),
    `### ${word}: ${plain(verdict.sentence, 1000)}`,
    ...(comparison && !verdict.sentence.includes(comparison.sentence)
      ? [plain(comparison.sentence, 1000)]
      : []),
    `exercised: ${plain(verdict.exercised, 1000)}`,
    ...(main.rows.length > 0 ? [tableOf(main, 0, mostRows)] : []),
  ].join('\n\n');
  const blocks: [title: string, body: string][] = [];
  if (main.rows.length > mostRows) {
    blocks.push([`${main.rows.length - mostRows} more rows`, tableOf(main, mostRows, 200)]);
  }
  if (comparison && comparison.metrics.length > 0) {
    const judged = judgedRows(run);
    if (judged.rows.length > 0) blocks.push(['limits', tableOf(judged, 0, 200)]);
  }
  for (const test of run.tests) {
    const body = testBody(test);
    if (body !== '') blocks.push([`${test.id}: ${test.status}`, body]);
  }
  if (run.warnings.length > 0) {
    const lines = run.warnings.slice(0, 50).map((warning) => `- ${plain(warning, 500)}`);
    blocks.push([`warnings (${run.warnings.length})`, lines.join('\n')]);
  }
  const facts = factsOf(run).map(([name, value]) => [name, code(value, 300)]);
  blocks.push(['environment', markdownTable(['', ''], facts, [])]);
  return assembled(head, blocks);
}

function assembled(head: string, blocks: readonly [title: string, body: string][]): string {
  let text = head;
  const left: string[] = [];
  for (const [title, body] of blocks) {
    const block = details(title, body);
    if (text.length + block.length + 300 < mostCharacters) text += `\n\n${block}`;
    else left.push(title);
  }
  if (left.length > 0)
    text += `\n\n${left.length} more parts are too long for a comment; the HTML report has them.`;
  return `${text}\n`;
}

function tableOf({ head, right, rows }: Rows, from: number, most: number): string {
  const shown = rows.slice(from, from + most);
  const rest = rows.length - from - shown.length;
  return markdownTable(head, shown, right) + (rest > 0 && most > mostRows ? `\n\n… ${rest} more rows` : '');
}

function testBody(test: TestResult): string {
  const parts: string[] = [];
  const operations = Object.entries(test.operations);
  if (operations.length > 0) {
    const rows = operations.slice(0, 50).map(([name, { metrics }]) => {
      const value = (key: string) => metrics[key]?.value ?? null;
      const calls = value('calls.total') ?? 0;
      return [
        code(name.replace(/^tools\/call /, ''), 80),
        count(calls),
        calls === 0 ? '' : percent((value('calls.failed') ?? 0) / calls),
        number(value('throughput')),
        ...['p50', 'p90', 'p99', 'p999', 'max'].map((suffix) => number(value(`latency.${suffix}`))),
      ];
    });
    const head = ['operation', 'n', 'err', 'calls/s', 'p50 ms', 'p90', 'p99', 'p99.9', 'max'];
    parts.push(markdownTable(head, rows, [1, 2, 3, 4, 5, 6, 7, 8]));
    if (operations.length > rows.length) parts.push(`… ${operations.length - rows.length} more operations`);
  }
  const metrics = Object.entries(test.metrics).filter(([, { value }]) => value !== null);
  if (metrics.length > 0) {
    const rows = metrics.slice(0, 200).map(([name, metric]) => [code(name), metricText(metric)]);
    parts.push(markdownTable(['metric', 'value (95 % interval)'], rows, [1]));
  }
  if (test.failures.length > 0) {
    const rows = test.failures
      .slice(0, 20)
      .map(({ class: kind, count: times, message }) => [kind, count(times), code(message)]);
    parts.push(markdownTable(['failure', 'n', 'message'], rows, [1]));
  }
  const notes = [...test.notes, ...test.notJudged.map((one) => `not judged: ${one}`)];
  if (notes.length > 0)
    parts.push(
      notes
        .slice(0, 20)
        .map((note) => `- ${plain(note, 500)}`)
        .join('\n'),
    );
  return parts.join('\n\n');
}
