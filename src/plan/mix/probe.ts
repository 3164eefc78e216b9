import { printableLine, type JsonObject, type Random } from '../../core/index.js';
import { argumentVariants, type NoArguments, type Surroundings } from '../arguments/index.js';
import type { CatalogueTool } from '../catalogue.js';
import { errorText, type CallAnswer, type ToolCaller } from './caller.js';

/** A tool is tried at least this often before it leaves the mix: a server may fail now and then by design. */
const leastTries = 3;

/** How the first call of a tool went. */
export type ProbeOutcome =
  | { ok: true; args: JsonObject; ms: number; tries: number }
  | { ok: false; tried: JsonObject[]; answer: CallAnswer }
  | { ok: false; tried: []; missing: NoArguments };

/**
 * Calls a tool with made arguments until one set is answered without error; each set is different, the plainest comes
 * first. What it answers is learnt for the tools after it.
 */
export async function probeTool(
  tool: CatalogueTool,
  caller: ToolCaller,
  around: Surroundings,
  random: Random,
): Promise<ProbeOutcome> {
  const tried: JsonObject[] = [];
  let last: CallAnswer | undefined;
  const attempt = async (args: JsonObject): Promise<ProbeOutcome | undefined> => {
    tried.push(args);
    const answer = await caller.call(tool.name, args);
    if (answer.ok && !answer.isError) {
      around.learn(tool.name, answer.structured, answer.texts);
      return { ok: true, args, ms: answer.ms, tries: tried.length };
    }
    last ??= answer;
    return undefined;
  };
  const variants = argumentVariants(tool, around, random);
  for (;;) {
    const { value, done } = await variants.next();
    if (done) {
      if (tried.length === 0)
        return { ok: false, tried: [], missing: value ?? { path: '', reason: 'no value fits' } };
      break;
    }
    const outcome = await attempt(value);
    if (outcome) return outcome;
    // A server that does not answer in time would keep us for every variant.
    if (last && !last.ok && last.class === 'timeout') break;
  }
  const different = tried.length;
  for (let again = 0; tried.length < leastTries && !(last && !last.ok && last.class === 'timeout'); again++) {
    const outcome = await attempt(tried[again % different]!);
    if (outcome) return outcome;
  }
  return { ok: false, tried: tried.slice(0, different), answer: last! };
}

/** Calls a tool with the first of the given arguments. */
export async function probeGiven(
  tool: CatalogueTool,
  args: JsonObject,
  caller: ToolCaller,
  around: Surroundings,
): Promise<ProbeOutcome> {
  const answer = await caller.call(tool.name, args);
  if (!answer.ok || answer.isError) return { ok: false, tried: [args], answer };
  around.learn(tool.name, answer.structured, answer.texts);
  return { ok: true, args, ms: answer.ms, tries: 1 };
}

/**
 * Whether other arguments might have helped: an error of the tool or of the protocol may be about them, and a tool that
 * waits may wait for what they name. A broken answer or a broken connection is the server's own, and worth measuring.
 */
export function blamesArguments(outcome: Extract<ProbeOutcome, { ok: false }>): boolean {
  if ('missing' in outcome || outcome.answer.ok) return true;
  return outcome.answer.class === 'rpc' || outcome.answer.class === 'timeout';
}

/** Whether the tool did not answer in time. */
export function isSilent(outcome: Extract<ProbeOutcome, { ok: false }>): boolean {
  return !('missing' in outcome) && !outcome.answer.ok && outcome.answer.class === 'timeout';
}

/** One sentence on why a tool left the mix. */
export function probeFailure(outcome: Extract<ProbeOutcome, { ok: false }>): string {
  if ('missing' in outcome) {
    const { path, reason } = outcome.missing;
    return path === '' ? reason : `no value for '${printableLine(path, 80)}': ${reason}`;
  }
  const { answer } = outcome;
  const text = printableLine(errorText(answer), 160);
  return answer.ok ? `isError: ${text}` : `${answer.class}: ${text}`;
}
