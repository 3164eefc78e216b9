import {
  printableLine,
  seededRandom,
  usageError,
  type Json,
  type JsonObject,
  type Random,
} from '../../core/index.js';
import { argumentVariants, prepareSets, type GivenArguments, type Surroundings } from '../arguments/index.js';
import type { CatalogueTool } from '../catalogue.js';
import type { ToolSettings } from '../config/index.js';
import type { Expectation, OperationPlan } from '../load-plan.js';
import {
  planOperations,
  type OperationWish,
  type PlannedOperations,
  type ServerAccess,
} from '../operations/index.js';
import { commonPrefix, judgeTool, type SafetyPolicy, type SafetyVerdict } from '../safety.js';
import type { ToolCaller } from './caller.js';
import {
  blamesArguments,
  isSilent,
  probeFailure,
  probeGiven,
  probeTool,
  type ProbeOutcome,
} from './probe.js';
import { checkNames, loadableMethods, type ToolSelection } from './selection.js';
import type { DataWish } from './shaped-sets.js';

/** Tools that are called unasked at most: more of them would say no more, and each is tried before the load. */
const mostTools = 50;

/** What a mix is planned from. */
export interface MixRequest {
  tools: readonly CatalogueTool[];
  era: 'session' | 'stateless';
  selection: ToolSelection;
  /** `--allow`, `--allow-writes`, `--deny`. */
  allow: readonly string[];
  allowWrites: boolean;
  deny: readonly string[];
  given: GivenArguments;
  /** `--data`: what the arguments are like; undefined: plain. */
  data?: DataWish | undefined;
  /** The config's `tools`. */
  settings: ReadonlyMap<string, ToolSettings>;
  /** What setup calls kept, for `{{saved …}}`. */
  saved: ReadonlyMap<string, Json>;
  around: Surroundings;
  seed: number;
  /** Wall-clock time, ms since the epoch. */
  now: number;
  /** Tries each tool once; undefined for a dry run, which calls nothing. */
  caller: ToolCaller | undefined;
  /** `--operation`: what is loaded beside tools, or (where no tool is named) instead of them. */
  operations?: { wishes: readonly OperationWish[]; server: ServerAccess } | undefined;
}

/** A tool of the mix. */
export interface UsedTool {
  name: string;
  because: Extract<SafetyVerdict, { call: true }>['because'];
  weight: number;
  /** The first set of its arguments, and how many there are. */
  args: JsonObject;
  sets: number;
  argsFrom: 'given' | 'made';
  /** How long the first call took, ms; undefined in a dry run. */
  probeMs?: number;
}

/** A tool that is not called. */
export interface LeftOutTool {
  name: string;
  reason:
    | Extract<SafetyVerdict, { call: false }>['reason']
    | 'failed'
    | 'no-arguments'
    | 'not-selected'
    | 'too-many'
    | 'task-only';
  /** In a few words. */
  why: string;
  /** How to have it called. */
  hint: string;
}

/** What will be called, with which arguments, and what will not, and why. */
export interface Mix {
  operations: OperationPlan[];
  used: UsedTool[];
  leftOut: LeftOutTool[];
  /** How many tools may be called by their own hints. */
  readOnly: number;
  /** True where no tool could be used, so that lists and pings are loaded instead. */
  fallback: boolean;
  warnings: string[];
}

/**
 * Chooses tools by safety and selection, finds arguments for each, and calls each once.
 *
 * @throws DynoError (104): a tool that does not exist, arguments that do not fit, a named tool that only fails.
 */
export async function planMix(asked: MixRequest): Promise<Mix> {
  const request = withToolOperations(asked);
  const { tools, selection, settings, given, era, operations } = request;
  const methods = loadableMethods.filter((method) => era === 'session' || method !== 'ping');
  const named = new Set([...selection.weights.keys()]);
  const onlyNamed = named.size > 0 || (operations !== undefined && !selection.all);
  checkNames(named, tools, '--tool', methods);
  checkNames(request.allow, tools, '--allow');
  checkNames(request.deny, tools, '--deny');
  checkNames(given.byTool.keys(), tools, '--args', operandsOf(request));
  checkNames(settings.keys(), tools, 'tools in the config');
  const policy: SafetyPolicy = {
    named,
    all: selection.all,
    allow: new Set([
      ...request.allow,
      ...[...settings].filter(([, tool]) => tool.allow).map(([name]) => name),
    ]),
    allowWrites: request.allowWrites,
    deny: new Set([...request.deny, ...[...settings].filter(([, tool]) => tool.deny).map(([name]) => name)]),
  };
  const planner = new Planner(request, policy);
  const prefix = commonPrefix(tools.map((tool) => tool.name));
  for (const tool of inProbingOrder(tools)) {
    const verdict = judgeTool(tool, policy, prefix);
    if (onlyNamed && !named.has(tool.name) && !(policy.allow.has(tool.name) && request.allow.length > 0)) {
      if (verdict.call) planner.leave(tool, 'not-selected', 'not asked for', `Add it: --tool ${tool.name}`);
      else planner.leave(tool, verdict.reason, verdict.why, verdict.hint);
    } else if (verdict.call && verdict.because === 'read-only' && !selection.all && planner.isFull) {
      planner.leave(tool, 'too-many', `beyond the first ${mostTools}`, 'Every one: --tool all');
    } else if (verdict.call) await planner.use(tool, verdict.because);
    else planner.leave(tool, verdict.reason, verdict.why, verdict.hint);
  }
  for (const method of methods) {
    const weight = selection.weights.get(method);
    if (weight !== undefined && !tools.some((tool) => tool.name === method)) planner.method(method, weight);
  }
  if (operations !== undefined) planner.add(await planOperations({ ...request, ...operations }));
  return planner.finish();
}

/** `--operation 'tools/call NAME'` is `--tool NAME`. */
function withToolOperations(request: MixRequest): MixRequest {
  const { operations, selection } = request;
  const calls = (operations?.wishes ?? []).filter(({ method }) => method === 'tools/call');
  if (operations === undefined || calls.length === 0) return request;
  const weights = new Map(selection.weights);
  for (const { name, weight } of calls) {
    if (name === undefined) {
      throw usageError(
        "tools/call needs the name of a tool: --operation 'tools/call NAME'",
        'Every safe tool: --tool all.',
      );
    }
    if (weights.has(name)) throw usageError(`--operation and --tool both name '${printableLine(name, 100)}'`);
    weights.set(name, weight);
  }
  const wishes = operations.wishes.filter(({ method }) => method !== 'tools/call');
  return {
    ...request,
    selection: { ...selection, weights },
    operations: wishes.length === 0 ? undefined : { ...operations, wishes },
  };
}

/** What `--args` may name besides tools. */
function operandsOf({ operations }: MixRequest): string[] {
  return (operations?.wishes ?? []).flatMap(({ method, name }) =>
    name === undefined ? [] : [name, `${method} ${name}`],
  );
}

/** Tasks of tools are of the session era; in the stateless one the server decides by itself. */
function runsOnlyAsTask(tool: object, era: MixRequest['era']): boolean {
  const { execution } = tool as { execution?: { taskSupport?: unknown } | null };
  return era === 'session' && execution?.taskSupport === 'required';
}

/** Tools that need nothing come first: what they answer helps with the others. */
function inProbingOrder(tools: readonly CatalogueTool[]): CatalogueTool[] {
  const needs = (tool: CatalogueTool) => {
    const { required } = tool.inputSchema;
    return Array.isArray(required) ? required.length : 0;
  };
  return [...tools].sort((a, b) => needs(a) - needs(b));
}

type FailedProbe = Extract<ProbeOutcome, { ok: false }>;

class Planner {
  /** Tools that left the mix because they did not answer in time. */
  readonly #silent: { tool: CatalogueTool; because: UsedTool['because']; outcome: FailedProbe }[] = [];
  readonly #request: MixRequest;
  readonly #policy: SafetyPolicy;
  readonly #mix: Mix = { operations: [], used: [], leftOut: [], readOnly: 0, fallback: false, warnings: [] };

  constructor(request: MixRequest, policy: SafetyPolicy) {
    this.#request = request;
    this.#policy = policy;
    this.#mix.readOnly = request.tools.filter((tool) => tool.annotations?.readOnlyHint === true).length;
  }

  /** True once as many tools are used as are called unasked. */
  get isFull(): boolean {
    return this.#mix.used.length >= mostTools;
  }

  leave(tool: CatalogueTool, reason: LeftOutTool['reason'], why: string, hint: string): void {
    this.#mix.leftOut.push({ name: tool.name, reason, why, hint });
  }

  method(method: string, weight: number): void {
    this.#mix.operations.push({ name: method, method, weight, params: [{}] });
  }

  /** Operations that are planned already. */
  add({ operations, warnings }: PlannedOperations): void {
    this.#mix.operations.push(...operations);
    this.#mix.warnings.push(...warnings);
  }

  async use(tool: CatalogueTool, because: UsedTool['because']): Promise<void> {
    const { seed, now, saved, caller, around } = this.#request;
    const given = this.#givenFor(tool);
    if (given) {
      const sets = await prepareSets(tool, given.sets, { seed, now, saved, what: given.what });
      const outcome = caller ? await probeGiven(tool, sets[0]!, caller, around) : undefined;
      if (outcome?.ok === false) {
        // Whoever gave arguments wants them sent; a failing share may be what they came to measure.
        this.#mix.warnings.push(`${tool.name} failed in its first call: ${probeFailure(outcome)}`);
      }
      if (outcome?.ok === false) this.#add(tool, because, sets, 'given', outcome);
      else await this.#addShaped(tool, because, sets, 'given', outcome);
      return;
    }
    const random = seededRandom(seed).fork(`arguments/${tool.name}`);
    if (runsOnlyAsTask(tool, this.#request.era)) {
      await this.#useUntried(tool, because, random);
      return;
    }
    if (!caller) {
      const { value, done } = await argumentVariants(tool, around, random).next();
      if (done)
        this.#failed(
          tool,
          { ok: false, tried: [], missing: value ?? { path: '', reason: 'no value fits' } },
          because,
        );
      else await this.#addShaped(tool, because, [value], 'made', undefined);
      return;
    }
    const outcome = await probeTool(tool, caller, around, random);
    if (outcome.ok) await this.#addShaped(tool, because, [outcome.args], 'made', outcome);
    else if (blamesArguments(outcome) && !(isSilent(outcome) && this.#policy.named.has(tool.name)))
      this.#failed(tool, outcome, because);
    else this.#addBroken(tool, because, outcome);
  }

  /** A plain call would only be refused: that says nothing of its arguments. */
  async #useUntried(tool: CatalogueTool, because: UsedTool['because'], random: Random): Promise<void> {
    if (!this.#policy.named.has(tool.name) && !this.#policy.allow.has(tool.name)) {
      this.leave(
        tool,
        'task-only',
        'runs only as a task',
        `Measure it: dyno test --only tasks --tool ${tool.name}`,
      );
      return;
    }
    const { value, done } = await argumentVariants(tool, this.#request.around, random).next();
    this.#mix.warnings.push(
      `${printableLine(tool.name, 100)} runs only as a task: plain calls of it fail (dyno test --only tasks measures it)`,
    );
    this.#add(tool, because, [done ? {} : value], 'made', undefined);
  }

  /** A tool that fails whatever it is asked stays in the mix: leaving it out would hide the fault. */
  #addBroken(tool: CatalogueTool, because: UsedTool['because'], outcome: FailedProbe): void {
    this.#mix.warnings.push(`${tool.name} failed in its first call: ${probeFailure(outcome)}`);
    this.#add(tool, because, [outcome.tried[0] ?? {}], 'made', outcome);
  }

  #givenFor(tool: CatalogueTool): { sets: readonly JsonObject[]; what: string } | undefined {
    const { given, settings, selection } = this.#request;
    const own = given.byTool.get(tool.name);
    if (own) return { sets: own, what: '--args' };
    if (given.forAll) {
      if (selection.weights.size === 1) return { sets: given.forAll, what: '--args' };
      throw usageError(
        selection.weights.size === 0
          ? '--args needs to know for which tool'
          : '--args is one set for several tools',
        `Name the tool: --args '${tool.name}=${JSON.stringify(given.forAll[0]).slice(0, 60)}', or --tool NAME.`,
      );
    }
    const configured = settings.get(tool.name);
    return configured && configured.args.length > 0
      ? { sets: configured.args, what: `tools.${tool.name}.args in the config` }
      : undefined;
  }

  #failed(tool: CatalogueTool, outcome: FailedProbe, because: UsedTool['because']): void {
    const why = probeFailure(outcome);
    const sample = JSON.stringify(outcome.tried[0] ?? missingArguments(tool));
    const hint = `Give it arguments: --args '${tool.name}=${printableLine(sample, 120)}'`;
    if (this.#policy.named.has(tool.name)) {
      throw usageError(`No made arguments work for ${tool.name}: ${why}`, hint);
    }
    if (isSilent(outcome)) this.#silent.push({ tool, because, outcome });
    this.leave(tool, 'missing' in outcome ? 'no-arguments' : 'failed', why, hint);
  }

  /** With data of the shape that was asked for, on top of arguments that are known to work. */
  async #addShaped(
    tool: CatalogueTool,
    because: UsedTool['because'],
    sets: readonly JsonObject[],
    argsFrom: UsedTool['argsFrom'],
    outcome: ProbeOutcome | undefined,
  ): Promise<void> {
    const { data, around, caller, seed } = this.#request;
    if (data === undefined) {
      this.#add(tool, because, sets, argsFrom, outcome);
      return;
    }
    const random = seededRandom(seed).fork(`data/${tool.name}`);
    const { shapedSets } = await import('./shaped-sets.js');
    const shaped = await shapedSets(tool, sets[0]!, data, { around, random, caller });
    this.#mix.warnings.push(...shaped.warnings);
    if (shaped.sets === undefined) this.#add(tool, because, sets, argsFrom, outcome);
    else this.#add(tool, because, shaped.sets, 'made', outcome, shaped.expect);
  }

  #add(
    tool: CatalogueTool,
    because: UsedTool['because'],
    sets: readonly JsonObject[],
    argsFrom: UsedTool['argsFrom'],
    outcome: ProbeOutcome | undefined,
    expect?: Expectation,
  ): void {
    const { selection, settings } = this.#request;
    const weight = selection.weights.get(tool.name) ?? settings.get(tool.name)?.weight ?? 1;
    if (weight === 0) {
      this.leave(tool, 'denied', 'weight 0', 'Its weight in the config is 0.');
      return;
    }
    this.#mix.operations.push({
      name: `tools/call ${tool.name}`,
      method: 'tools/call',
      tool: tool.name,
      weight,
      params: sets.map((args) => ({ name: tool.name, arguments: args })),
      inputSchema: tool.inputSchema,
      ...(expect ? { expect } : {}),
      ...(tool.outputSchema ? { outputSchema: tool.outputSchema } : {}),
    });
    this.#mix.used.push({
      name: tool.name,
      because,
      weight,
      args: sets[0]!,
      sets: sets.length,
      argsFrom,
      ...(outcome?.ok ? { probeMs: outcome.ms } : {}),
    });
  }

  finish(): Mix {
    const mix = this.#mix;
    if (mix.operations.length > 0) return mix;
    if (this.#silent.length > 0) {
      // A server that answers no call at all must not pass by what else it answers.
      for (const { tool, because, outcome } of this.#silent) this.#addBroken(tool, because, outcome);
      const back = new Set(this.#silent.map(({ tool }) => tool.name));
      mix.leftOut = mix.leftOut.filter(({ name }) => !back.has(name));
      return mix;
    }
    mix.fallback = true;
    this.method('tools/list', 1);
    this.method(this.#request.era === 'session' ? 'ping' : 'server/discover', 1);
    return mix;
  }
}

/** The required arguments of a tool with a blank for each, to be filled in. */
function missingArguments(tool: CatalogueTool): JsonObject {
  const { required } = tool.inputSchema;
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  return Object.fromEntries(names.map((name) => [name, '…']));
}
