import { DynoError, usageError } from '../../core/errors.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { nearest } from '../../core/nearest.js';
import { backgroundClock, type Clock } from '../../core/clock.js';
import { seededRandom, type Random } from '../../core/random.js';
import type { ToolDiscovery } from '../discovery/discovery.js';
import type { ToolRecord } from '../discovery/types.js';
import type { CallObservation } from '../discovery/usage.js';
import { ToolValidator } from '../validation/index.js';
import { fillArguments, given, type Filling } from './arguments/fill.js';
import { candidatesFor, type Candidate } from './choose/candidates.js';
import { judge } from './choose/confidence.js';
import { NameIndex } from './choose/name-index.js';
import type { PlanOptions, PlanResult, PlanStep } from './plan/plan-types.js';
import { runPlan, type PlanSurroundings } from './plan/run-plan.js';
import {
  bindingStrategies,
  type BindingRequest,
  type BindingStrategy,
  type BoundCallOptions,
  type ToolBinding,
  type ToolCaller,
} from './types.js';

/** What a {@link ToolBinder} works with. */
export interface BinderOptions {
  discovery: ToolDiscovery;
  /** Makes the calls of bindings. */
  call: ToolCaller;
  /** False where `call` counts calls in the discovery's records itself; true unless given. */
  recordCalls?: boolean | undefined;
  /** Validates arguments before a call; one of its own unless given. */
  validator?: ToolValidator | undefined;
  /** Measures calls, for the tools' records, and times plans. */
  clock?: Clock | undefined;
  /** Draws the pauses between retries. */
  random?: Random | undefined;
}

/** Tools at most in one answer. */
const mostTools = 100;

/**
 * Chooses tools for what an agent wants, and fills in their arguments from what is known.
 *
 * @example
 * ```ts
 * const binder = new ToolBinder({ discovery, call: ({ tool, arguments: args }) => client.callTool(tool.name, args) });
 * const [best] = await binder.bindTools({ query: 'weather in Oslo', entities: { city: 'Oslo' } });
 * if (best?.ready) console.log(await best.call());
 * ```
 */
export class ToolBinder {
  readonly #discovery: ToolDiscovery;
  readonly #call: ToolCaller;
  readonly #recordCalls: boolean;
  readonly #validator: ToolValidator;
  readonly #clock: Clock;
  readonly #random: Random;
  #names: NameIndex | undefined;

  constructor(options: BinderOptions) {
    this.#discovery = options.discovery;
    this.#call = options.call;
    this.#recordCalls = options.recordCalls ?? true;
    this.#validator = options.validator ?? new ToolValidator();
    this.#clock = options.clock ?? backgroundClock;
    this.#random = options.random ?? seededRandom(this.#clock.wall());
  }

  /**
   * The tools for a request, the most trusted first. An empty list where nothing fits.
   *
   * @throws DynoError (104) for a request that is none.
   */
  async bindTools(request: BindingRequest): Promise<ToolBinding[]> {
    const { strategy, maxTools, entities, context } = checked(request);
    const names = () => (this.#names ??= new NameIndex(this.#discovery));
    const candidates = await candidatesFor(strategy, request, maxTools, this.#discovery, names);
    const quickest = quickestOf(candidates);
    const entityCount = Object.keys(entities).length;
    const offered = given(entities, context, request.query);
    const judged = candidates.map((candidate) => {
      const filling = fillArguments(candidate.record.tool.inputSchema, offered);
      return { candidate, filling, ...judge(candidate, filling, entityCount, strategy, quickest) };
    });
    judged.sort(
      (a, b) => b.confidence - a.confidence || (a.candidate.record.id < b.candidate.record.id ? -1 : 1),
    );
    return judged.slice(0, maxTools).map(({ candidate, filling, confidence, reasons }) => {
      const refusal = this.#settle(candidate.record, filling);
      return this.#binding(request, candidate.record, filling, { confidence, reasons, refusal });
    });
  }

  /** Stops following the discovery. */
  close(): void {
    this.#names?.close();
  }

  /** Where reading the schema could not tell, the full validator does: what it forbids goes. */
  #settle(record: ToolRecord, filling: Filling): string | undefined {
    if (!filling.uncertain) return undefined;
    for (;;) {
      const result = this.#validator.validateInput(record.tool, filling.arguments);
      if (result.valid) return undefined;
      if (result.refusal !== undefined) {
        filling.arguments = {};
        filling.filled = [];
        return result.refusal.message;
      }
      const wrong = new Set(
        result.errors
          .filter(({ keyword, path }) => keyword !== 'required' && path !== '')
          .map(({ path }) => path.split('/')[1]!.replace(/~1/g, '/').replace(/~0/g, '~')),
      );
      const present = [...wrong].filter((name) => Object.hasOwn(filling.arguments, name));
      if (present.length === 0) {
        if (filling.missing.length === 0) filling.problem = result.message;
        return undefined;
      }
      for (const name of present) this.#drop(record, filling, name);
    }
  }

  #drop(record: ToolRecord, filling: Filling, name: string): void {
    delete filling.arguments[name];
    const at = `/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`;
    filling.filled = filling.filled.filter(({ path }) => path !== at && !path.startsWith(`${at}/`));
    filling.missing = filling.missing.filter((path) => !path.startsWith(`${at}/`));
    const { required } = record.tool.inputSchema;
    if (Array.isArray(required) && required.includes(name)) filling.missing.push(at);
  }

  #binding(
    request: BindingRequest,
    tool: ToolRecord,
    filling: Filling,
    found: Pick<ToolBinding, 'confidence' | 'reasons'> & { refusal: string | undefined },
  ): ToolBinding {
    const { arguments: filled, missing, problem } = filling;
    const refusal = found.refusal ?? problem;
    return {
      tool,
      server: tool.server,
      confidence: found.confidence,
      reasons: found.reasons,
      arguments: filled,
      filled: filling.filled,
      missing,
      unused: filling.unused,
      ...(refusal !== undefined && { refusal }),
      ready: missing.length === 0 && refusal === undefined,
      call: (options = {}) => this.#callBound(request.agentId, tool, filled, options),
    };
  }

  /**
   * Runs an execution plan; its calls are counted as those of bindings are.
   *
   * @throws DynoError (104) for a plan that cannot be run as it is written.
   */
  executePlan(plan: PlanStep, options: PlanOptions = {}): Promise<PlanResult> {
    const surroundings: PlanSurroundings = {
      call: this.#call,
      observe: ({ id }, call) => {
        this.#record(id, call);
      },
      find: (id) => this.#discovery.get(id),
      validator: this.#validator,
      clock: this.#clock,
      random: this.#random,
    };
    return runPlan(plan, surroundings, options);
  }

  async #callBound(
    agentId: string | undefined,
    tool: ToolRecord,
    filled: JsonObject,
    options: BoundCallOptions,
  ): ReturnType<ToolCaller> {
    const args = { ...filled, ...options.arguments };
    const result = this.#validator.validateInput(tool.tool, args);
    if (!result.valid) {
      throw new DynoError(`The arguments for ${tool.label} are not what it takes: ${result.message}`, {
        code: 'invalid-arguments',
        hint: 'Give the missing or wrong ones as `arguments` of the call',
        exitCode: 104,
      });
    }
    return this.#counted({
      tool,
      arguments: args,
      agentId,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
    });
  }

  #record(id: string, call: CallObservation): void {
    if (this.#recordCalls) this.#discovery.recordCall(id, call);
  }

  async #counted(request: Parameters<ToolCaller>[0]): ReturnType<ToolCaller> {
    const start = this.#clock.now();
    const record = (ok: boolean) => {
      this.#record(request.tool.id, { ok, latencyMs: this.#clock.now() - start });
    };
    try {
      const answer = await this.#call(request);
      record(answer.isError !== true);
      return answer;
    } catch (thrown) {
      // Who cancels a call learns nothing about the tool.
      if (request.signal?.aborted !== true) record(false);
      throw thrown;
    }
  }
}

function quickestOf(candidates: readonly Candidate[]): number | undefined {
  const known = candidates.map(({ record }) => record.usage.latencyMs).filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function checked(request: BindingRequest): {
  strategy: BindingStrategy;
  maxTools: number;
  entities: JsonObject;
  context: JsonObject;
} {
  const { query, intent, strategy = 'semantic', maxTools = 5, entities = {}, context = {} } = request;
  if (typeof query !== 'string') throw usageError('Expected the `query` of a binding request to be a text');
  if (intent !== undefined && typeof intent !== 'string') {
    throw usageError('Expected the `intent` of a binding request to be a text');
  }
  if (!bindingStrategies.includes(strategy)) {
    const meant = nearest(String(strategy), bindingStrategies);
    throw usageError(
      `Expected the \`strategy\` of a binding request to be one of ${bindingStrategies.join(', ')}, got '${String(strategy)}'`,
      meant === undefined ? undefined : `Did you mean '${meant}'?`,
    );
  }
  if (!Number.isInteger(maxTools) || maxTools < 1 || maxTools > mostTools) {
    throw usageError(
      `Expected the \`maxTools\` of a binding request to be a whole number from 1 to ${mostTools}, got ${String(maxTools)}`,
    );
  }
  if (!isJsonObject(entities))
    throw usageError('Expected the `entities` of a binding request to be an object');
  if (!isJsonObject(context)) throw usageError('Expected the `context` of a binding request to be an object');
  return { strategy, maxTools, entities, context };
}
