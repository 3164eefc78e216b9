import { usageError } from '../../core/index.js';
import { option, type CommandName } from './option.js';
import { choice, duration, flag, integer, many, shown, text, written } from './value-type.js';

const measuring: readonly CommandName[] = ['test', 'load'];
const reporting: readonly CommandName[] = ['test', 'load', 'compare'];
const every: readonly CommandName[] = ['test', 'load', 'compare', 'tools', 'call', 'doctor'];

/** The report formats that `--out` writes. */
export const outputFormats = [
  'json',
  'html',
  'markdown',
  'junit',
  'csv',
  'csv-series',
  'prometheus',
  'otlp',
] as const;

/**
 * A report to write: its format, and its path where one was given. `otlp` has the URL of a receiver instead, and
 * `prometheus` may have an address (`:9464`) to be read from while the run lasts.
 */
export interface OutputSpec {
  format: (typeof outputFormats)[number];
  path?: string;
}

function parseOutput(output: string, what: string): OutputSpec {
  const at = output.indexOf('=');
  if (/^otlp(=|$)/.test(output)) return { format: 'otlp', path: receiverOf(output.slice(5), what) };
  const format = choice(outputFormats).parse(at === -1 ? output : output.slice(0, at), what);
  if (at === -1) return { format };
  const path = output.slice(at + 1);
  if (path === '') throw usageError(`Expected ${what} to be FORMAT=PATH, got ${shown(output)}`);
  return { format, path };
}

/** The specification gives the path of metrics; a URL that has one of its own keeps it. */
function receiverOf(text: string, what: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usageError(
      `Expected ${what} to be otlp=URL with an http(s) URL, got ${shown(text)}`,
      'Such as otlp=http://127.0.0.1:4318',
    );
  }
  if (url.pathname === '/') url.pathname = '/v1/metrics';
  return url.href;
}

/** Which tests of the suite. */
export const suiteOptions = {
  only: option<string[]>({
    flag: 'only',
    type: many(text('ID'), { commas: true }),
    help: 'run this test (repeatable)',
    group: 'Suite',
    commands: ['test'],
    shownBy: ['test'],
  }),
  tag: option<string[]>({
    flag: 'tag',
    type: many(text('TAG'), { commas: true }),
    help: 'run tests with this tag; -TAG: without',
    group: 'Suite',
    commands: ['test'],
    shownBy: ['test'],
  }),
  profile: option({
    flag: 'profile',
    type: choice(['smoke', 'quick', 'full'], 'NAME'),
    default: 'quick',
    help: 'smoke (15 s), quick (a minute) or full',
    group: 'Suite',
    commands: ['test'],
    shownBy: ['test'],
  }),
  parallel: option({
    flag: 'parallel',
    type: integer({ min: 1, max: 64 }),
    default: 1,
    help: 'tests at once that may share the machine',
    group: 'Suite',
    commands: ['test'],
  }),
  parallelUnsafe: option({
    flag: 'parallel-unsafe',
    type: flag,
    default: false,
    help: '--parallel for CPU and time tests too',
    group: 'Suite',
    commands: ['test'],
  }),
  list: option({
    flag: 'list',
    type: flag,
    default: false,
    help: 'list the tests and stop',
    group: 'Suite',
    commands: ['test'],
    shownBy: ['test'],
    flagOnly: true,
  }),
  explain: option({
    flag: 'explain',
    type: text('ID'),
    help: 'say what this test does, and stop',
    group: 'Suite',
    commands: ['test'],
    shownBy: ['test'],
    flagOnly: true,
  }),
};

/** What is judged. */
export const verdictOptions = {
  threshold: option<string[]>({
    flag: 'threshold',
    type: many(text('EXPR')),
    help: "fail unless it holds: 'p95 < 200ms' (repeatable)",
    group: 'Verdict',
    commands: measuring,
    shownBy: measuring,
    // The file has a richer form under `thresholds`.
    notInConfig: true,
  }),
  abortOnFail: option<number>({
    flag: 'abort-on-fail',
    type: duration(),
    help: 'end when a threshold fails, from TIME on',
    group: 'Verdict',
    commands: measuring,
  }),
  allowInconclusive: option({
    flag: 'allow-inconclusive',
    type: flag,
    default: false,
    help: 'exit 0 where the verdict is inconclusive',
    group: 'Verdict',
    commands: reporting,
    shownBy: reporting,
  }),
};

/** What comes out, where and how. */
export const outputOptions = {
  json: option({
    flag: 'json',
    type: flag,
    default: false,
    help: 'only the result on stdout, as JSON',
    group: 'Output',
    commands: every,
    shownBy: every,
  }),
  out: option<OutputSpec[]>({
    flag: 'out',
    short: 'o',
    type: many(
      written('FORM[=PATH]', parseOutput, ({ format, path }) =>
        path === undefined ? format : `${format}=${path}`,
      ),
    ),
    help: `write a report: ${outputFormats.slice(0, 2).join(', ')}, … (repeatable)`,
    group: 'Output',
    commands: reporting,
    shownBy: reporting,
  }),
  runDir: option({
    flag: 'run-dir',
    type: text('DIR'),
    default: '.dyno/runs',
    help: 'where run files go',
    group: 'Output',
    commands: reporting,
  }),
  summary: option({
    flag: 'summary',
    type: choice(['compact', 'full', 'none']),
    default: 'compact',
    help: 'the summary at the end',
    group: 'Output',
    commands: reporting,
  }),
  quiet: option({
    flag: 'quiet',
    short: 'q',
    type: flag,
    default: false,
    help: 'no progress; only summary and errors',
    group: 'Output',
    commands: every,
    shownBy: measuring,
  }),
  tui: option({
    flag: 'tui',
    type: flag,
    default: true,
    negated: true,
    help: 'plain progress lines instead of the live view',
    group: 'Output',
    commands: reporting,
  }),
  color: option({
    flag: 'color',
    type: flag,
    default: true,
    negated: true,
    help: 'no colours (NO_COLOR does the same)',
    group: 'Output',
    commands: every,
  }),
  logLevel: option({
    flag: 'log-level',
    type: choice(['error', 'warn', 'info', 'debug'], 'LEVEL'),
    default: 'warn',
    help: 'log to stderr: error, warn, info or debug',
    group: 'Output',
    commands: every,
  }),
  logFormat: option({
    flag: 'log-format',
    type: choice(['text', 'json']),
    default: 'text',
    help: 'a log entry as text or as JSON',
    group: 'Output',
    commands: every,
  }),
  config: option({
    flag: 'config',
    type: text('FILE'),
    help: 'the config file; else dyno.config.{ts,js,…}',
    group: 'Output',
    commands: every,
    shownBy: measuring,
    notInConfig: true,
  }),
  printConfig: option({
    flag: 'print-config',
    type: flag,
    default: false,
    help: 'print every value with its origin and stop',
    group: 'Output',
    commands: every,
    shownBy: ['load'],
    flagOnly: true,
  }),
};
