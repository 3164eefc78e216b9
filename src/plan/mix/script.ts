import {
  DynoError,
  exitCodes,
  isJsonObject,
  printableLine,
  seededRandom,
  type Json,
} from '../../core/index.js';
import { fillTemplates } from '../arguments/index.js';
import type { ScriptedCall } from '../config/index.js';
import { errorText, type CallAnswer, type ToolCaller } from './caller.js';

/** What a script of calls needs. */
export interface ScriptContext {
  caller: ToolCaller;
  seed: number;
  now: number;
  /** Filled by `save` as the script goes on. */
  saved: Map<string, Json>;
}

/**
 * Makes the calls of `setup` or `teardown`, one after another; parts of answers are kept under the names that `save`
 * gives them.
 *
 * @throws DynoError (99) naming the call that failed, unless it has `allowError`.
 */
export async function runScript(
  which: 'setup' | 'teardown',
  calls: readonly ScriptedCall[],
  { caller, seed, now, saved }: ScriptContext,
): Promise<void> {
  const random = seededRandom(seed).fork(which);
  for (const [index, call] of calls.entries()) {
    const args = fillTemplates(call.args, { index, random, now, saved });
    const answer = await caller.call(call.tool, args);
    if ((!answer.ok || answer.isError) && !call.allowError) {
      throw scriptError(
        `The ${which} call ${call.tool} failed: ${printableLine(errorText(answer), 200)}`,
        'Mend its arguments in the config, or let it fail with allowError: true.',
      );
    }
    for (const [name, path] of Object.entries(call.save)) {
      const value = pick(answer, path);
      if (value === undefined) {
        throw scriptError(
          `The answer of the ${which} call ${call.tool} has nothing at '${path}' to save as '${name}'`,
          'Paths begin with structuredContent, content, or json (a text that is JSON).',
        );
      }
      saved.set(name, value);
    }
  }
}

function scriptError(message: string, hint: string): DynoError {
  return new DynoError(message, { code: 'setup-failed', hint, exitCode: exitCodes.failed });
}

function pick(answer: CallAnswer, path: string): Json | undefined {
  if (!answer.ok) return undefined;
  const [root, ...steps] = path.split('.');
  let at: Json | undefined = root === 'json' ? parsed(answer.texts) : answer.result[root!];
  for (const step of steps) {
    if (Array.isArray(at)) at = at[Number(step)];
    else at = isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

function parsed(texts: readonly string[]): Json | undefined {
  for (const text of texts) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      continue;
    }
  }
  return undefined;
}
