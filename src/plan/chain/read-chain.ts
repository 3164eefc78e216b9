import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  didYouMean,
  isJsonObject,
  messageOf,
  parseJsonc,
  printableLine,
  secrets,
  usageError,
  type Json,
  type JsonObject,
} from '../../core/index.js';
import { shown, type GivenChain } from '../options/index.js';
import { parseAnswerPath, type AnswerPath } from './answer-path.js';

/** One call of a chain, as it was written. */
export interface ChainStep {
  tool: string;
  /** Texts may hold `{{name}}` of an earlier step, and templates. */
  args: JsonObject;
  save: { name: string; path: AnswerPath }[];
}

/** Longer chains are a slip. */
const mostSteps = 1000;

const known = ['tool', 'args', 'save'];

/**
 * Reads a chain: an array of `{ tool, args?, save? }`, from a config file, from JSON, or from `@FILE`.
 *
 * @param what names it in errors, such as `--chain`.
 * @throws DynoError (104) that names the step and what was expected there.
 */
export function readChain(given: GivenChain, what: string, cwd: string): ChainStep[] {
  const steps = given.kind === 'steps' ? given.steps : parsed(given.text, what, cwd);
  if (!Array.isArray(steps) || steps.length === 0) {
    throw usageError(`Expected ${what} to be an array of at least one step, got ${shown(steps)}`, example);
  }
  if (steps.length > mostSteps) {
    throw usageError(`Expected ${what} to have at most ${mostSteps} steps, got ${steps.length}`);
  }
  // A password that a tool takes is in every request, and in every run file that tells what was sent.
  secrets.addMembers(steps.flatMap((step) => (isJsonObject(step) ? (step['args'] ?? []) : [])));
  return steps.map((step, index) => readStep(step, `step ${index + 1} of ${what}`));
}

const example =
  'Such as [{ "tool": "search", "save": { "id": "$.items[0].id" } }, { "tool": "get", "args": { "id": "{{id}}" } }].';

function parsed(text: string, what: string, cwd: string): Json {
  if (!text.startsWith('@')) return json(text, what);
  const file = text.slice(1);
  let content: string;
  try {
    content = readFileSync(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw usageError(
      `Cannot read the chain '${printableLine(file, 200)}' of ${what}: ${messageOf(cause)}`,
      undefined,
      cause,
    );
  }
  return parseJsonc(content, printableLine(file, 200));
}

function json(text: string, what: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw usageError(`Expected ${what} to be JSON, got ${shown(text)}: ${messageOf(cause)}`, example, cause);
  }
}

function readStep(step: Json, where: string): ChainStep {
  if (!isJsonObject(step)) throw usageError(`Expected ${where} to be an object, got ${shown(step)}`, example);
  for (const key of Object.keys(step)) {
    if (known.includes(key)) continue;
    throw usageError(
      `'${printableLine(key, 60)}' in ${where} is no known key`,
      didYouMean(key, known) ?? `Known: ${known.join(', ')}.`,
    );
  }
  const { tool, args = {}, save = {} } = step;
  if (typeof tool !== 'string' || tool === '') {
    throw usageError(`Expected 'tool' of ${where} to be the name of a tool, got ${shown(tool)}`, example);
  }
  if (!isJsonObject(args)) {
    throw usageError(`Expected 'args' of ${where} to be an object, got ${shown(args)}`);
  }
  if (!isJsonObject(save)) {
    throw usageError(
      `Expected 'save' of ${where} to be an object such as { "id": "$.id" }, got ${shown(save)}`,
    );
  }
  return { tool, args, save: Object.entries(save).map(([name, path]) => readSave(name, path, where)) };
}

function readSave(name: string, path: Json, where: string): ChainStep['save'][number] {
  if (!/^[A-Za-z_][\w-]{0,59}$/.test(name)) {
    throw usageError(
      `Expected the names in 'save' of ${where} to be words such as item_id, got ${shown(name)}`,
    );
  }
  if (typeof path !== 'string') {
    throw usageError(
      `Expected '${name}' in 'save' of ${where} to be a path such as '$.id', got ${shown(path)}`,
    );
  }
  return { name, path: parseAnswerPath(path, `'${name}' in 'save' of ${where}`) };
}
