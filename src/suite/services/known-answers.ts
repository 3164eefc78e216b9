import type { Random } from '../../core/random.js';
import type { Tool } from '../../protocol/index.js';
import { targetSource, type FilledCatalogue } from './filled-catalogue.js';

/** Something to be said for which the right tool is known. */
export interface KnownAnswer {
  query: string;
  /** The tool that is meant. */
  tool: Tool;
  /** Whether the tool is one of the target. */
  real: boolean;
  /** Whether a tool that was found is right. */
  isRight(found: { server: string; name: string; tool: Tool }): boolean;
}

/** What a user says who means a made tool, by its verb. `#` stands for what it is about. */
const phrases: Readonly<Record<string, string>> = {
  get: 'fetch the #',
  list: 'list all of the #s',
  search: 'find a # by what it says',
  count: 'how many #s are there',
  export: 'export the #s to a file',
  compare: 'compare one # with another',
  preview: 'preview what the # will look like',
  validate: 'is this # valid',
  create: 'make a new #',
  update: 'modify an existing #',
  archive: 'archive the old #',
  delete: 'remove this #',
  assign: 'assign the # to a colleague',
  approve: 'approve the # that is waiting',
};

const longestQuery = 300;

/**
 * Queries whose right answer is known: for a tool of the target the first sentence of its own description, for a made one
 * what a user would say, in other words than the tool's. Every other one is about the target, where it has tools.
 */
export function knownAnswers(catalogue: FilledCatalogue, count: number, random: Random): KnownAnswer[] {
  const real = catalogue.real.flatMap((tool) => realAnswer(tool) ?? []);
  const made = catalogue.made.flatMap((tool) => madeAnswer(tool) ?? []);
  if (real.length === 0 && made.length === 0) return [];
  return Array.from({ length: count }, (_, index) => {
    const wantsReal = made.length === 0 || (real.length > 0 && index % 2 === 0);
    return wantsReal ? real[(index >> (made.length === 0 ? 0 : 1)) % real.length]! : random.pick(made);
  });
}

/** What a user may say who means this tool of the target; undefined where it says nothing of itself. */
export function realAnswer(tool: Tool): KnownAnswer | undefined {
  const said = [tool.description, tool.title, tool.name].find((text) => /\p{L}{2}/u.test(text ?? ''));
  if (said === undefined) return undefined;
  const [sentence = said] = said.trim().split(/(?<=[.!?])\s|\n/, 1);
  return {
    query: sentence.slice(0, longestQuery),
    tool,
    real: true,
    // Two tools that describe themselves in the same words cannot be told apart.
    isRight: (found) =>
      (found.server === targetSource && found.name === tool.name) ||
      (tool.description !== undefined && found.tool.description === tool.description),
  };
}

function madeAnswer(tool: Tool): KnownAnswer | undefined {
  const [, verb = '', noun = ''] = /^([a-z]+)_([a-z_]+?)(?:_v\d+)?$/.exec(tool.name) ?? [];
  const phrase = phrases[verb];
  if (phrase === undefined) return undefined;
  const name = `${verb}_${noun}`;
  return {
    query: phrase.replaceAll('#', noun.replaceAll('_', ' ')),
    tool,
    real: false,
    // A large catalogue holds versions of the same tool; each is right.
    isRight: (found) => found.name === name || found.name.startsWith(`${name}_v`),
  };
}
