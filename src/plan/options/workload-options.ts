import { isJsonObject, usageError, type Json } from '../../core/index.js';
import type { ThinkTime } from '../load-plan.js';
import { option } from './option.js';
import { duration, integer, shown, written, type ValueType } from './value-type.js';

function parseThinkTime(value: string, what: string): ThinkTime {
  const random = /^\s*exp(?:onential)?:(.*)$/s.exec(value)?.[1];
  const ms = duration().parse(random ?? value, random === undefined ? `${what} (a time, or exp:TIME)` : what);
  return random === undefined ? { kind: 'constant', ms } : { kind: 'exponential', meanMs: ms };
}

function showThinkTime(think: ThinkTime): string {
  return think.kind === 'constant' ? duration().show(think.ms) : `exp:${duration().show(think.meanMs)}`;
}

/** A chain as it was given: the text of a flag (JSON or `@FILE`), or what a config file holds. */
export type GivenChain = { kind: 'text'; text: string } | { kind: 'steps'; steps: Json[] };

const chainType: ValueType<GivenChain> = {
  placeholder: '@FILE',
  schema: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      properties: {
        tool: { type: 'string' },
        args: { type: 'object', description: "texts may hold '{{name}}' of an earlier step's save" },
        save: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description: "keeps parts of the answer: { id: '$.items[0].id' }",
        },
      },
      required: ['tool'],
      additionalProperties: false,
    },
  },
  parse(text, what) {
    if (!/^\s*[@[{]/.test(text)) {
      throw usageError(
        `Expected ${what} to be @FILE or a JSON array of steps, got ${shown(text)}`,
        `Such as ${what} '[{"tool":"search","save":{"id":"$.id"}},{"tool":"get","args":{"id":"{{id}}"}}]'.`,
      );
    }
    return { kind: 'text', text: text.trim() };
  },
  read(value, what) {
    if (!Array.isArray(value) || value.length === 0 || !value.every(isJsonObject)) {
      throw usageError(
        `Expected ${what} to be an array of steps such as { tool: 'search' }, got ${shown(value)}`,
      );
    }
    return { kind: 'steps', steps: value };
  },
  show(chain) {
    if (chain.kind === 'text') return chain.text.length > 60 ? `${chain.text.slice(0, 59)}…` : chain.text;
    return `${chain.steps.length} steps`;
  },
};

/** What virtual users do: pauses, bursts of calls, chains of calls that depend on each other. */
export const workloadOptions = {
  thinkTime: option<ThinkTime>({
    flag: 'think-time',
    type: written('TIME', parseThinkTime, showThinkTime, { oneOf: [{ type: 'string' }, { const: 0 }] }),
    help: 'pause after an answer or turn; exp:TIME: random',
    group: 'Load',
    commands: ['load', 'compare'],
  }),
  burst: option<number>({
    flag: 'burst',
    type: integer({ min: 1, max: 100_000 }),
    help: 'calls of one turn; -n and -R then count turns',
    group: 'Load',
    commands: ['load'],
  }),
  burstParallel: option({
    flag: 'burst-parallel',
    type: integer({ min: 1, max: 1000 }),
    default: 1,
    help: 'so many calls of a turn at once',
    group: 'Load',
    commands: ['load'],
  }),
  chain: option<GivenChain>({
    flag: 'chain',
    type: chainType,
    help: 'turns of calls that use the answers before them',
    group: 'Load',
    commands: ['load'],
  }),
};
