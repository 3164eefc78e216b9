import { parseDuration, usageError } from '../../core/index.js';
import { option, type CommandName } from './option.js';
import { duration, flag, integer, many, shown, text, written } from './value-type.js';

const storing: readonly CommandName[] = ['test', 'load', 'compare'];
const dayMs = 86_400_000;

/**
 * An age in milliseconds: `90d`, or any duration.
 *
 * @throws DynoError (104) that names `what`.
 */
export function parseAge(age: string, what: string): number {
  const days = /^\s*(\d+(?:\.\d+)?)d\s*$/.exec(age)?.[1];
  return days === undefined ? parseDuration(age, `${what} (such as 90d or 12h)`) : Number(days) * dayMs;
}

function showAge(ms: number): string {
  return ms % dayMs === 0 ? `${ms / dayMs}d` : `${ms / 1000}s`;
}

function parseWebhook(url: string, what: string): string {
  const scheme = URL.canParse(url) ? new URL(url).protocol : '';
  if (scheme === 'http:' || scheme === 'https:') return url;
  throw usageError(`Expected ${what} to be an http(s) URL, got ${shown(url)}`);
}

/** What of a run stays, and who hears of it. */
export const recordOptions = {
  keepRuns: option({
    flag: 'keep-runs',
    type: integer({ min: 0 }),
    default: 1000,
    help: 'keep the newest N run files; 0: all',
    group: 'Output',
    commands: storing,
  }),
  keepFor: option<number>({
    flag: 'keep-for',
    type: written('TIME', parseAge, showAge),
    help: 'delete runs that are older, such as 90d',
    group: 'Output',
    commands: storing,
  }),
  alertCommand: option<string>({
    flag: 'alert-command',
    type: text('CMD'),
    help: 'run CMD when a run fails for a new reason',
    group: 'Output',
    commands: storing,
  }),
  alertWebhook: option<string[]>({
    flag: 'alert-webhook',
    type: many(written('URL', parseWebhook, (url) => url)),
    help: 'post a new failure to URL (JSON; Slack too)',
    group: 'Output',
    commands: storing,
    secret: true,
  }),
  telemetryInterval: option({
    flag: 'telemetry-interval',
    type: duration({ min: 100 }),
    default: 10_000,
    help: 'how often -o otlp and -o prometheus write',
    group: 'Output',
    commands: storing,
  }),
  github: option({
    flag: 'github',
    type: flag,
    default: true,
    negated: true,
    help: 'no annotations and summary on GitHub Actions',
    group: 'Output',
    commands: storing,
  }),
};
