import { parseDuration, usageError } from '../../core/index.js';
import type { Stage, WarmupPlan } from '../load-plan.js';
import { option } from './option.js';
import { choice, duration, flag, integer, many, number, shown, text, written } from './value-type.js';

function parseStage(stage: string, what: string): Stage {
  const match = /^([^:]+):(\d+(?:\.\d+)?)$/.exec(stage.trim());
  if (!match) {
    throw usageError(
      `Expected ${what} to be TIME:N such as 30s:50, got ${shown(stage)}`,
      'N is what the load reaches at the end of that time: connections, or calls per second with --rate.',
    );
  }
  const durationMs = parseDuration(match[1]!, `the time of ${what}`);
  return { durationMs, target: Number(match[2]) };
}

function parseWarmup(value: string, what: string): WarmupPlan {
  const trimmed = value.trim();
  if (trimmed === 'auto') return { kind: 'auto' };
  if (trimmed === '0' || trimmed === 'none') return { kind: 'none' };
  return { kind: 'time', ms: parseDuration(trimmed, `${what} (a time, auto, or 0)`) };
}

function showWarmup(warmup: WarmupPlan): string {
  if (warmup.kind === 'time') return duration().show(warmup.ms);
  return warmup.kind === 'auto' ? 'auto' : '0';
}

/** How much load, in which shape. */
export const loadOptions = {
  connections: option({
    flag: 'connections',
    short: 'c',
    aliases: ['vus'],
    type: integer({ min: 1, max: 100_000 }),
    default: 10,
    help: 'clients at once; with --rate: slots',
    group: 'Load',
    commands: ['load', 'compare'],
    shownBy: ['load', 'compare'],
  }),
  duration: option({
    flag: 'duration',
    short: 'd',
    type: duration({ min: 1 }),
    default: 10_000,
    help: 'how long, such as 30s or 5m',
    group: 'Load',
    commands: ['load'],
    shownBy: ['load'],
  }),
  requests: option<number>({
    flag: 'requests',
    short: 'n',
    type: integer({ min: 1 }),
    help: 'end after this many calls',
    group: 'Load',
    commands: ['load'],
    shownBy: ['load'],
  }),
  rate: option<number>({
    flag: 'rate',
    short: 'R',
    type: number({ min: 0.001, max: 10_000_000, placeholder: 'N' }),
    help: 'open model: start so many calls per second',
    group: 'Load',
    commands: ['load', 'compare'],
    shownBy: ['load'],
  }),
  stages: option<Stage[]>({
    flag: 'stage',
    type: many(
      written('TIME:N', parseStage, (stage) => `${duration().show(stage.durationMs)}:${stage.target}`),
    ),
    help: 'ramp to N clients (or calls/s) over TIME',
    group: 'Load',
    commands: ['load'],
    shownBy: ['load'],
  }),
  arrivals: option({
    flag: 'arrivals',
    type: choice(['constant', 'poisson']),
    default: 'constant',
    help: 'how an open load is spaced',
    group: 'Load',
    commands: ['load', 'compare'],
  }),
  maxWaiting: option({
    flag: 'max-waiting',
    type: integer({ min: 0 }),
    default: 10_000,
    help: 'arrivals that may wait; more are dropped',
    group: 'Load',
    commands: ['load', 'compare'],
  }),
  warmup: option<WarmupPlan>({
    flag: 'warmup',
    type: written('TIME|auto|0', parseWarmup, showWarmup, {
      oneOf: [{ type: 'string' }, { const: 0 }],
    }),
    default: { kind: 'none' },
    help: 'leave out so much (compare: 300ms)',
    group: 'Load',
    commands: ['load', 'compare'],
    shownBy: ['load'],
  }),
  timeout: option({
    flag: 'timeout',
    short: 'T',
    type: duration({ min: 1 }),
    default: 30_000,
    help: 'a call without an answer by then failed',
    group: 'Load',
    commands: ['test', 'load', 'compare', 'tools', 'call'],
    shownBy: ['test', 'load', 'call'],
  }),
  gracefulStop: option({
    flag: 'graceful-stop',
    type: duration(),
    default: 5000,
    help: 'for calls in flight when time is up',
    group: 'Load',
    commands: ['test', 'load', 'compare'],
  }),
  replay: option<string>({
    flag: 'replay',
    type: text('FILE'),
    help: 'the calls of a recording, at their own pace',
    group: 'Load',
    commands: ['load'],
    notInConfig: true,
  }),
  replaySpeed: option({
    flag: 'replay-speed',
    type: number({ min: 0.001, max: 1000 }),
    default: 1,
    help: 'so many times as fast as recorded',
    group: 'Load',
    commands: ['load'],
    notInConfig: true,
  }),
  network: option<string>({
    flag: 'network',
    type: text('PROFILE'),
    help: 'a network before the target, such as 3g',
    group: 'Load',
    commands: ['test', 'load'],
  }),
  workers: option({
    flag: 'workers',
    short: 'w',
    type: integer({ min: 1, max: 256 }),
    default: 1,
    help: 'load threads',
    group: 'Load',
    commands: ['test', 'load', 'compare'],
    shownBy: ['load'],
  }),
  seed: option({
    flag: 'seed',
    type: integer({ min: 0 }),
    default: 1,
    help: 'fixes arguments, mix and arrivals',
    group: 'Load',
    commands: ['test', 'load', 'compare', 'tools'],
  }),
};

/** What is called, with which arguments, and what is not. */
export const callOptions = {
  tool: option<string[]>({
    flag: 'tool',
    type: many(text('NAME[=W]')),
    help: 'call this tool, with weight W (repeatable)',
    group: 'Calls and safety',
    commands: ['test', 'load', 'compare'],
    shownBy: ['test', 'load', 'compare'],
  }),
  args: option<string[]>({
    flag: 'args',
    type: many(text('JSON|@FILE')),
    help: 'arguments; for one of several: TOOL=JSON',
    group: 'Calls and safety',
    commands: ['test', 'load', 'compare'],
    shownBy: ['test', 'load'],
  }),
  allow: option<string[]>({
    flag: 'allow',
    type: many(text('TOOL'), { commas: true }),
    help: 'also call this tool; it need not be read-only',
    group: 'Calls and safety',
    commands: ['test', 'load', 'compare'],
    shownBy: ['test', 'load'],
  }),
  allowWrites: option({
    flag: 'allow-writes',
    type: flag,
    default: false,
    help: 'also call all tools not marked read-only',
    group: 'Calls and safety',
    commands: ['test', 'load', 'compare'],
    shownBy: ['test', 'load'],
  }),
  deny: option<string[]>({
    flag: 'deny',
    type: many(text('TOOL'), { commas: true }),
    help: 'never call this tool (repeatable)',
    group: 'Calls and safety',
    commands: ['test', 'load', 'compare'],
  }),
  yes: option({
    flag: 'yes',
    type: flag,
    default: false,
    help: 'more than 20 calls/s to a public host',
    group: 'Calls and safety',
    commands: ['test', 'load', 'compare'],
    shownBy: ['test', 'load'],
  }),
  dryRun: option({
    flag: 'dry-run',
    type: flag,
    default: false,
    help: 'say what would be called; call nothing',
    group: 'Calls and safety',
    commands: ['test', 'load'],
    shownBy: ['test', 'load'],
    flagOnly: true,
  }),
};
