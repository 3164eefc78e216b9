import { printableLine, type RunResult, type TestResult } from '../../core/index.js';
import { wrap } from './display-width.js';
import { comparisonLines } from './comparison-section.js';
import { factLines, failures, leak, loadQuality, resources, saidOf } from './facts-section.js';
import { operationLines } from './operations-section.js';
import { painter, type Paint, type Tone } from './paint.js';
import { streamLines } from './streams-section.js';
import { idWidthOf, testLines } from './test-lines.js';
import { turns } from './turns-section.js';

/** How much of a run the summary tells. */
export type SummaryMode = 'compact' | 'full' | 'none';

/** How a summary is written. */
export interface SummaryOptions {
  mode: SummaryMode;
  colours: boolean;
  /** Cells; 80 unless given. */
  width?: number;
  /** Files that were written, most important first. */
  files: readonly { format: string; path: string }[];
}

const verdictWords: Record<RunResult['verdict']['status'], [string, Tone]> = {
  pass: ['PASS', 'good'],
  fail: ['FAIL', 'bad'],
  inconclusive: ['UNDECIDED', 'unsure'],
  error: ['ERROR', 'bad'],
};

/** Passing tests that a compact summary shows by name. */
const shownPasses = 4;

/**
 * A run in words, for a terminal of at least 80 columns: the verdict first, then what failed, what passed, a table per
 * operation, failures, load quality, resources, warnings, files and exit code. Server text in it is made printable.
 */
export function summaryText(run: RunResult, { mode, colours, width = 80, files }: SummaryOptions): string {
  if (mode === 'none') return '';
  const paint = painter(colours);
  const all = mode === 'full';
  const blocks: string[][] = [
    verdictLines(run, paint, width),
    run.comparison === undefined ? [] : comparisonLines(run.comparison, paint, width, all),
    testsLines(run.tests, paint, width, all),
    ...operationTables(run.tests, width, all),
    failures(run.tests, width, all),
    [
      ...turns(run.tests, width),
      ...loadQuality(run.tests, width),
      ...resources(run.tests, width),
      ...leak(run.tests, width),
      ...streamLines(run.tests, width),
      ...noteLines(run, width, all),
      ...run.warnings.flatMap((warning) => factLines('warning', printableLine(warning, 500), width)),
    ],
    endLines(run, files, width),
  ];
  const text = blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
  return `${text}\n`;
}

function verdictLines({ verdict }: RunResult, paint: Paint, width: number): string[] {
  const [word, tone] = verdictWords[verdict.status];
  const indent = word.length + 2;
  const sentence = wrap(printableLine(verdict.sentence, 1000), width - indent);
  const exercised = wrap(`exercised: ${printableLine(verdict.exercised, 1000)}`, width - indent);
  return [...sentence, ...exercised].map((line, index) =>
    index === 0 ? `${paint(tone, word)}  ${paint('strong', line)}` : ' '.repeat(indent) + line,
  );
}

/** What failed comes first; of what passed, a compact summary shows a few and counts the others. */
function testsLines(tests: readonly TestResult[], paint: Paint, width: number, all: boolean): string[] {
  const order = ['error', 'fail', 'inconclusive', 'pass', 'skipped'];
  const sorted = [...tests].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const idWidth = idWidthOf(tests);
  const lines: string[] = [];
  let passed = 0;
  let skipped = 0;
  for (const test of sorted) {
    if (!all && test.status === 'pass' && ++passed > shownPasses) continue;
    if (!all && test.status === 'skipped' && ++skipped > shownPasses) continue;
    lines.push(...testLines(test, paint, width, idWidth));
  }
  const more = (count: number, what: string) => {
    if (count > shownPasses) lines.push(`  … ${count - shownPasses} more ${what}`);
  };
  more(passed, 'passed');
  more(skipped, 'skipped');
  return lines;
}

function operationTables(tests: readonly TestResult[], width: number, all: boolean): string[][] {
  const measured = tests.filter((test) => Object.keys(test.operations).length > 0);
  const calls = (test: TestResult) => test.metrics['calls.total']?.value ?? 0;
  const [first] = measured;
  if (!first) return [];
  const titled = (test: TestResult): string[] => {
    const lines = operationLines(test, width, all);
    return tests.length > 1 ? [`${printableLine(test.id, 60)}:`, ...lines] : lines;
  };
  if (all) return measured.map(titled);
  // Figures of different loads do not add up: the test that called most speaks for all.
  return [titled(measured.reduce((most, test) => (calls(test) > calls(most) ? test : most), first))];
}

function noteLines({ tests }: RunResult, width: number, all: boolean): string[] {
  const notes = saidOf(tests, (test) => test.notes);
  const shown = all ? notes : notes.slice(0, 3);
  return shown.flatMap((note) => factLines('note', note, width));
}

function endLines({ verdict }: RunResult, files: SummaryOptions['files'], width: number): string[] {
  // A path that is cut cannot be copied: it may be longer than the line.
  const line = (name: string, path: string) => `${name.padEnd(14)} ${printableLine(path, 4000)}`;
  const pages = files.filter(({ format }) => format === 'html');
  const others = files.filter(({ format }) => format !== 'html');
  return [
    ...others.map(({ format, path }) => line(format, path)),
    ...factLines('exit', String(verdict.exitCode), width),
    // The page is what a person opens next: it stands where the eye stops.
    ...pages.map(({ path }) => line('report', path)),
  ];
}
