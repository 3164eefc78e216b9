import { printableLine, seededRandom, usageError, type Json, type JsonObject } from '../../core/index.js';
import type { CatalogueTool } from '../catalogue.js';
import { checkNames, errorText, type Mix, type ToolCaller } from '../mix/index.js';
import { commonPrefix, judgeTool } from '../safety.js';
import type { TurnPlan } from '../turn-plan.js';
import { atPath } from './answer-path.js';
import { chainSets } from './chain-sets.js';
import { fillHoles } from './fill-holes.js';
import type { ChainStep } from './read-chain.js';

/** What a chain is planned from. */
export interface ChainRequest {
  steps: readonly ChainStep[];
  /** Names it in errors, such as `--chain`. */
  what: string;
  tools: readonly CatalogueTool[];
  /** Named by `--deny` or the config: never called. */
  deny: ReadonlySet<string>;
  seed: number;
  /** Wall-clock time, ms since the epoch. */
  now: number;
  /** What setup calls kept. */
  saved: ReadonlyMap<string, Json>;
  /** Goes through the chain once before the load; undefined for a dry run, which calls nothing. */
  caller: ToolCaller | undefined;
}

/** A chain as a load makes it: step i calls operation i. */
export interface PlannedChain {
  mix: Mix;
  turn: Extract<TurnPlan, { kind: 'chain' }>;
}

/**
 * Checks a chain against the server's catalogue, prepares its arguments, and goes through it once.
 *
 * @throws DynoError (104): a tool that does not exist or is denied, a name used before it is saved, arguments that cannot fit.
 */
export async function planChain(request: ChainRequest): Promise<PlannedChain> {
  const { steps, what, tools, deny, seed, now, saved } = request;
  const names = new Map<string, number>();
  for (const [index, { save }] of steps.entries()) {
    for (const { name } of save) if (!names.has(name)) names.set(name, index);
  }
  const mix: Mix = { operations: [], used: [], leftOut: [], readOnly: 0, fallback: false, warnings: [] };
  mix.readOnly = tools.filter((tool) => tool.annotations?.readOnlyHint === true).length;
  const turn: PlannedChain['turn'] = { kind: 'chain', steps: [] };
  const prefix = commonPrefix(tools.map((tool) => tool.name));
  const policy = {
    named: new Set(steps.map(({ tool }) => tool)),
    all: false,
    allow: new Set<string>(),
    allowWrites: false,
    deny,
  };
  for (const [step, { tool: name, args: written, save }] of steps.entries()) {
    const where = `step ${step + 1} of ${what}`;
    checkNames([name], tools, where);
    const tool = tools.find((one) => one.name === name)!;
    const verdict = judgeTool(tool, policy, prefix);
    if (!verdict.call) throw usageError(`${where} calls ${name}, which is ${verdict.why}`, verdict.hint);
    const random = seededRandom(seed).fork(`chain/${step}`);
    const sets = await chainSets(tool, written, { random, now, saved, names, step, where });
    const often = steps.filter((other) => other.tool === name).length > 1;
    mix.operations.push({
      name: often ? `tools/call ${name} (step ${step + 1})` : `tools/call ${name}`,
      method: 'tools/call',
      tool: name,
      weight: 1,
      params: sets.map(({ args }) => ({ name, arguments: args })),
      inputSchema: tool.inputSchema,
      ...(tool.outputSchema ? { outputSchema: tool.outputSchema } : {}),
    });
    turn.steps.push({
      save,
      holes: sets.map(({ holes }) => holes.map(({ at, parts }) => ({ at: ['arguments', ...at], parts }))),
    });
    if (!mix.used.some((used) => used.name === name)) {
      const { args } = sets[0]!;
      mix.used.push({
        name,
        because: verdict.because,
        weight: 1,
        args,
        sets: sets.length,
        argsFrom: 'given',
      });
    }
  }
  const planned = { mix, turn };
  if (request.caller !== undefined) await goThrough(planned, request.caller);
  return planned;
}

/** Goes through the chain once. Whoever wrote it wants it made: what fails is told, and measured. */
async function goThrough({ mix, turn }: PlannedChain, caller: ToolCaller): Promise<void> {
  const kept = new Map<string, Json>();
  for (const [step, { save, holes }] of turn.steps.entries()) {
    const { name, tool, params } = mix.operations[step]!;
    const warn = (why: string) => {
      mix.warnings.push(
        `The chain ended at step ${step + 1} (${printableLine(name, 80)}) when it was tried: ${why}`,
      );
    };
    const filled = fillHoles(params[0]!, holes[0] ?? [], kept)['arguments'] as JsonObject;
    const answer = await caller.call(tool!, filled);
    if (!answer.ok || answer.isError) {
      const said = printableLine(errorText(answer), 200);
      warn(answer.ok ? `isError: ${said}` : `${answer.class}: ${said}`);
      return;
    }
    for (const { name: as, path } of save) {
      const value = atPath(answer.result, path);
      if (value === undefined) {
        warn(`the answer has nothing at '${path.text}' to save as '${as}'; ${contents(answer.result)}`);
        return;
      }
      kept.set(as, value);
    }
  }
}

/** What an answer does have, so that a path can be mended. */
function contents(result: JsonObject): string {
  const members = atPath(result, { text: '$', root: 'any', steps: [] });
  if (typeof members !== 'object' || members === null)
    return 'it holds neither structuredContent nor a JSON text';
  if (Array.isArray(members)) return `it is a list of ${members.length}: begin with '$[0]'`;
  return `it has: ${printableLine(Object.keys(members).slice(0, 10).join(', '), 120) || 'nothing'}`;
}
