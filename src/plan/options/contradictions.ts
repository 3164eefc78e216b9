import { usageError } from '../../core/index.js';
import { originOrder, type MergedSettings, type Origin } from './merge.js';
import { optionTable, type OptionKey, type Settings } from './table.js';

/** Only one of each group can be meant, and why. */
const exclusive: readonly { keys: readonly OptionKey[]; because: string }[] = [
  { keys: ['stages', 'duration'], because: 'the stages already say how long the load lasts' },
  { keys: ['stages', 'requests'], because: 'stages end by time, not by a number of calls' },
  { keys: ['replay', 'rate'], because: 'a recording has a pace of its own (--replay-speed scales it)' },
  { keys: ['replay', 'duration'], because: 'a recording has a length of its own' },
  { keys: ['replay', 'requests'], because: 'a recording has a length of its own' },
  { keys: ['replay', 'stages'], because: 'a recording has a pace of its own' },
  { keys: ['replay', 'thinkTime'], because: 'a recording has a pace of its own' },
  { keys: ['replay', 'args'], because: 'a recording has arguments of its own' },
  { keys: ['replay', 'burst'], because: 'a recording has a pace of its own' },
  { keys: ['replay', 'chain'], because: 'a recording has calls of its own' },
  {
    keys: ['asTask', 'tool'],
    because: 'one names what is called as a task, the other what is called plainly',
  },
  { keys: ['asTask', 'operation'], because: 'a task is all that is called' },
  { keys: ['asTask', 'chain'], because: 'each says what one turn is' },
  { keys: ['asTask', 'burst'], because: 'each says what one turn is' },
  { keys: ['asTask', 'replay'], because: 'a recording has calls of its own' },
  { keys: ['chain', 'burst'], because: 'each says what one turn is' },
  { keys: ['chain', 'tool'], because: 'a chain names its tools itself' },
  { keys: ['chain', 'operation'], because: 'a chain names its calls itself' },
  { keys: ['chain', 'args'], because: 'a chain has arguments of its own' },
  { keys: ['chain', 'data'], because: 'a chain has arguments of its own' },
  { keys: ['replay', 'data'], because: 'a recording has arguments of its own' },
  { keys: ['rate', 'thinkTime'], because: 'an open load starts calls by the clock, so nobody pauses' },
  {
    keys: ['bearer', 'bearerCommand', 'oauthClientId'],
    because: 'only one of them can make the Authorization header',
  },
  { keys: ['insecure', 'ca'], because: 'one accepts any certificate, the other only some' },
  { keys: ['list', 'explain'], because: 'each prints something else' },
  { keys: ['list', 'dryRun'], because: 'each prints something else' },
];

/** The first means nothing without one of the others. */
const needs: readonly { key: OptionKey; one: readonly OptionKey[] }[] = [
  { key: 'arrivals', one: ['rate'] },
  { key: 'maxWaiting', one: ['rate', 'replay'] },
  { key: 'replaySpeed', one: ['replay'] },
  { key: 'burstParallel', one: ['burst'] },
  { key: 'dataSize', one: ['data'] },
  { key: 'oauthClientSecret', one: ['oauthClientId'] },
  { key: 'oauthScope', one: ['oauthClientId'] },
  { key: 'oauthTokenUrl', one: ['oauthClientId'] },
  { key: 'server', one: ['mcpConfig'] },
  { key: 'parallelUnsafe', one: ['parallel'] },
];

/** How an option was given, for a sentence: `--rate`, `DYNO_RATE`, `rate in dyno.config.json:3`. */
export function asGiven(key: OptionKey, origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return `--${optionTable[key].flag}`;
    case 'config':
      return `${key} in ${origin.place}`;
    case 'environment':
    case 'flag':
      return origin.name;
  }
}

/**
 * Refuses what contradicts itself. Two options that exclude each other contradict only within one layer; else the higher
 * layer is what was meant, and the other goes back to its default.
 *
 * @throws DynoError (104) that names both.
 */
export function resolveContradictions(merged: MergedSettings): MergedSettings {
  const settings: Record<string, unknown> = { ...merged.settings };
  const origins = { ...merged.origins };
  const given = (key: OptionKey) => origins[key].kind !== 'default' && settings[key] !== false;
  const level = (key: OptionKey) => originOrder.indexOf(origins[key].kind);
  for (const { keys, because } of exclusive) {
    const [first, second, ...more] = keys.filter(given).sort((a, b) => level(b) - level(a));
    if (first === undefined || second === undefined) continue;
    if (level(first) === level(second)) {
      throw usageError(
        `${asGiven(first, origins[first])} and ${asGiven(second, origins[second])} contradict each other: ${because}`,
        'Leave one of them out.',
      );
    }
    for (const key of [second, ...more]) {
      settings[key] = optionTable[key].default;
      origins[key] = { kind: 'default' };
    }
  }
  for (const { key, one } of needs) {
    // A config file serves several commands and targets, so only what was typed for this run must fit together.
    const typed = origins[key].kind === 'flag' || origins[key].kind === 'environment';
    if (typed && !one.some(given)) {
      throw usageError(
        `${asGiven(key, origins[key])} means nothing without --${one.map((other) => optionTable[other].flag).join(' or --')}`,
      );
    }
  }
  const checked = { settings: settings as Settings, origins };
  checkTimes(checked);
  checkSessionCalls(checked);
  return checked;
}

function checkTimes({ settings, origins }: MergedSettings): void {
  const { warmup, stages, requests } = settings;
  if (warmup.kind !== 'time' || requests !== undefined) return;
  const total = stages ? stages.reduce((sum, stage) => sum + stage.durationMs, 0) : settings.duration;
  const typed = origins.warmup.kind !== 'default';
  if (typed && warmup.ms >= total) {
    throw usageError(
      `${asGiven('warmup', origins.warmup)} is as long as the load itself: nothing would be left to measure`,
      'Make the warm-up shorter or the load longer.',
    );
  }
}

function checkSessionCalls({ settings, origins }: MergedSettings): void {
  const { kind } = origins.sessionCalls;
  const typed = kind === 'flag' || kind === 'environment';
  if (typed && settings.session !== 'churn') {
    throw usageError(
      `${asGiven('sessionCalls', origins.sessionCalls)} means nothing without --session churn`,
      'The other ways to use sessions have no number of calls in each.',
    );
  }
}
