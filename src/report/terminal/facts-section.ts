import {
  printable,
  printableLine,
  type ExchangeSample,
  type Failure,
  type TestResult,
} from '../../core/index.js';
import { fit, wrap } from './display-width.js';
import { count, number, quantity } from './numbers.js';

/** How wide the names before facts are. */
const nameWidth = 15;

/** `name           facts`, further lines indented. */
export function factLines(name: string, text: string, width: number): string[] {
  return wrap(text, width - nameWidth).map(
    (line, index) => `${(index === 0 ? name : '').padEnd(nameWidth)}${line}`,
  );
}

/** Whether what was measured is the server, by the generator's own evidence. */
export function loadQuality(tests: readonly TestResult[], width: number): string[] {
  const watched = tests.filter((test) => test.generator !== undefined);
  if (watched.length === 0) return [];
  const limited = watched.filter((test) => test.generator!.limited);
  const most = (of: (test: TestResult) => number) => Math.max(...watched.map(of));
  const facts = `generator at most ${number(most((test) => test.generator!.busyPercent))} % busy, lag p99 ${number(
    most((test) => test.generator!.scheduleLagP99Ms),
  )} ms`;
  if (limited.length === 0) return factLines('load quality', `${facts}: what you see is the server`, width);
  const names = limited.map((test) => printableLine(test.id, 60)).join(', ');
  return [
    ...factLines('load quality', `${facts}: the generator was at its limit in ${names}`, width),
    ...limited[0]!.generator!.evidence.flatMap((evidence) =>
      factLines('', printableLine(evidence, 500), width),
    ),
  ];
}

/** What the target's processes used, in the test where they used most. */
export function resources(tests: readonly TestResult[], width: number): string[] {
  const value = (test: TestResult, name: string) => test.metrics[name]?.value ?? null;
  const watched = tests.filter(
    (test) => value(test, 'target.rss.max') !== null || value(test, 'target.cpu.mean') !== null,
  );
  const [first] = watched;
  if (!first) return [];
  const heaviest = watched.reduce((most, test) =>
    (value(test, 'target.rss.max') ?? 0) > (value(most, 'target.rss.max') ?? 0) ? test : most,
  );
  const parts: string[] = [];
  const cpu = Math.max(...watched.map((test) => value(test, 'target.cpu.mean') ?? 0));
  if (cpu > 0) parts.push(`cpu ${number(cpu)} % of a core`);
  const [start, end, max] = ['start', 'end', 'max'].map((name) => value(heaviest, `target.rss.${name}`));
  if (max !== null && max !== undefined) {
    const way = start != null && end != null ? `${number(start)} → ${number(end)} MB, ` : '';
    parts.push(`rss ${way}at most ${number(max)} MB`);
  }
  const fds = value(heaviest, 'target.fds.max');
  if (fds !== null) parts.push(`${count(fds)} fds`);
  const processes = value(heaviest, 'target.processes');
  if (processes !== null && processes > 1) parts.push(`${count(processes)} processes`);
  const where = tests.length > 1 ? ` (${printableLine(heaviest.id, 60)})` : '';
  return factLines('target', parts.join(' · ') + where, width);
}

/** What was found of leaks, or why nothing was. */
export function leak(tests: readonly TestResult[], width: number): string[] {
  const lines: string[] = [];
  for (const test of tests) {
    const perCall = test.metrics['leak.bytes_per_call'];
    if (!perCall) continue;
    const { value, ci95 } = perCall;
    const interval = ci95 ? ` (${quantity(ci95[0], 'B')} … ${quantity(ci95[1], 'B')})` : '';
    const perHour = test.metrics['leak.mb_per_hour']?.value;
    const hourly = perHour === undefined || perHour === null ? '' : `, ${number(perHour)} MB/h`;
    lines.push(
      ...factLines(
        'leak',
        `${quantity(value, 'B')} per call${interval}${hourly} (${printableLine(test.id, 60)})`,
        width,
      ),
    );
  }
  for (const what of saidOf(tests, (test) => test.notJudged))
    lines.push(...factLines('not judged', what, width));
  return lines;
}

/** What tests say, each sentence once, with the tests that say it where there are several. */
export function saidOf(tests: readonly TestResult[], of: (test: TestResult) => readonly string[]): string[] {
  const saidBy = new Map<string, string[]>();
  for (const test of tests) {
    for (const sentence of of(test)) {
      const text = printableLine(sentence, 500);
      saidBy.set(text, [...(saidBy.get(text) ?? []), printableLine(test.id, 60)]);
    }
  }
  if (tests.length === 1) return [...saidBy.keys()];
  return [...saidBy].map(
    ([text, ids]) => `${text} (${ids.length > 2 ? `${ids.length} tests` : ids.join(', ')})`,
  );
}

/** Failures by class and message, most frequent first, with failing exchanges. */
export function failures(tests: readonly TestResult[], width: number, all: boolean): string[] {
  const merged = new Map<string, Failure>();
  for (const failure of tests.flatMap((test) => test.failures)) {
    const key = `${failure.class} ${failure.message}`;
    const before = merged.get(key);
    merged.set(key, before ? { ...before, count: before.count + failure.count } : failure);
  }
  const sorted = [...merged.values()].sort((a, b) => b.count - a.count);
  if (sorted.length === 0) return [];
  const shown = all ? sorted : sorted.slice(0, 5);
  const lines = shown.map(({ class: kind, message, count: times }) =>
    fit(`${kind.padEnd(nameWidth - 1)} ${count(times)} × ${printableLine(message, 300)}`, width),
  );
  if (shown.length < sorted.length)
    lines.push(`${' '.repeat(nameWidth)}… ${sorted.length - shown.length} more messages`);
  const classes = new Map<string, number>();
  for (const sample of tests.flatMap((test) => test.samples)) {
    const seen = classes.get(sample.class) ?? 0;
    classes.set(sample.class, seen + 1);
    if (seen < (all ? 3 : 1)) lines.push(...sampleLines(sample, width));
  }
  return lines;
}

function sampleLines({ class: kind, operation, request, response }: ExchangeSample, width: number): string[] {
  const one = (text: string) => printableLine(printable(text), 1000);
  return [
    fit(`  ${kind} sample  ${printableLine(operation, 100)}`, width),
    fit(`    sent      ${one(request)}`, width),
    fit(`    answered  ${one(response) || 'nothing'}`, width),
  ];
}
