import type { JsonObject } from '../../core/index.js';
import type { CatalogueTool } from '../catalogue.js';
import type { OperationPlan, RecordedArrival } from '../load-plan.js';
import { commonPrefix, judgeTool, type SafetyPolicy } from '../safety.js';
import type { Mix } from './plan-mix.js';
import { checkNames, loadableMethods } from './selection.js';

/** What a replay is planned from. */
export interface ReplayRequest {
  /** In the order of their times, `t` in ms. */
  calls: readonly { t: number; method: string; params?: JsonObject }[];
  /** 2: twice as fast as it was. */
  speed: number;
  tools: readonly CatalogueTool[];
  era: 'session' | 'stateless';
  policy: SafetyPolicy;
}

/** What will be replayed. */
export interface ReplayPlan {
  mix: Mix;
  calls: RecordedArrival[];
  durationMs: number;
}

/** Requests besides calls of tools that read only, or are answered by a model of the target. */
const replayable: ReadonlySet<string> = new Set([
  ...loadableMethods,
  'resources/read',
  'prompts/get',
  'completion/complete',
]);

/** A load makes sessions of its own. */
const ofSessions: ReadonlySet<string> = new Set(['initialize', 'server/discover', 'ping']);

/**
 * The calls of a recording that may be made: tools by the same rules as any load, and requests that only read. What is left out
 * is named.
 *
 * @throws DynoError (104) for a tool of `--tool`, `--allow` or `--deny` that the server does not have.
 */
export function planReplay(request: ReplayRequest): ReplayPlan {
  const { tools, policy, speed } = request;
  checkNames(policy.named, tools, '--tool');
  checkNames(policy.allow, tools, '--allow');
  checkNames(policy.deny, tools, '--deny');
  const builder = new ReplayBuilder(request);
  const calls = request.calls.flatMap((call) => {
    const place = builder.place(call.method, call.params ?? {});
    return place === undefined ? [] : [{ atMs: call.t, ...place }];
  });
  // Whoever recorded waited before the first call and after the last: neither belongs to the pace.
  const first = calls[0]?.atMs ?? 0;
  const span = (calls.at(-1)?.atMs ?? 0) - first;
  for (const call of calls) call.atMs = (call.atMs - first) / speed;
  const gap = calls.length > 1 ? span / (calls.length - 1) : 1;
  return { mix: builder.finish(calls.length), calls, durationMs: Math.max(1, (span + gap) / speed) };
}

class ReplayBuilder {
  readonly #request: ReplayRequest;
  readonly #prefix: number;
  readonly #operations: OperationPlan[] = [];
  /** By operation's name: its index, and the index of each of its params. */
  readonly #known = new Map<string, { operation: number; variants: Map<string, number> }>();
  readonly #mix: Mix = { operations: [], used: [], leftOut: [], readOnly: 0, fallback: false, warnings: [] };
  readonly #passedOver = new Map<string, number>();

  constructor(request: ReplayRequest) {
    this.#request = request;
    this.#prefix = commonPrefix(request.tools.map(({ name }) => name));
  }

  place(method: string, params: JsonObject): Omit<RecordedArrival, 'atMs'> | undefined {
    const tool = method === 'tools/call' ? params['name'] : undefined;
    if (typeof tool === 'string') return this.#tool(tool, params);
    const otherEra = this.#request.era === 'stateless' ? 'ping' : 'server/discover';
    if (!replayable.has(method) || method === otherEra) {
      this.#passOver(ofSessions.has(method) ? undefined : method);
      return undefined;
    }
    return this.#variant({ name: method, method, weight: 0, params: [] }, params);
  }

  finish(calls: number): Mix {
    const left = [...this.#passedOver].map(([name, count]) => `${name.slice(0, 80)} (${count})`);
    this.#mix.operations = this.#operations;
    if (left.length > 0) this.#mix.warnings.push(`not replayed: ${left.join(', ')}`);
    if (calls === 0) this.#mix.warnings.push('the recording holds no call that may be made');
    return this.#mix;
  }

  #tool(name: string, params: JsonObject): Omit<RecordedArrival, 'atMs'> | undefined {
    const tool = this.#request.tools.find((one) => one.name === name);
    const key = `tools/call ${name}`;
    if (this.#known.has(key))
      return this.#variant({ name: key, method: 'tools/call', weight: 0, params: [] }, params);
    if (this.#mix.leftOut.some((one) => one.name === name)) return undefined;
    if (tool === undefined) {
      const hint = 'Replay it against the server that it was recorded with, or one that has its tools.';
      this.#mix.leftOut.push({ name, reason: 'failed', why: 'the server has no such tool', hint });
      return undefined;
    }
    const verdict = judgeTool(tool, this.#request.policy, this.#prefix);
    if (!verdict.call) {
      const { reason, why, hint } = verdict;
      this.#mix.leftOut.push({ name, reason, why, hint });
      return undefined;
    }
    if (verdict.because === 'read-only') this.#mix.readOnly++;
    const given = params['arguments'];
    this.#mix.used.push({
      name,
      because: verdict.because,
      weight: 0,
      args: typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {},
      sets: 0,
      argsFrom: 'given',
    });
    const operation: OperationPlan = {
      name: key,
      method: 'tools/call',
      tool: name,
      weight: 0,
      params: [],
      inputSchema: tool.inputSchema,
      ...(tool.outputSchema ? { outputSchema: tool.outputSchema } : {}),
    };
    return this.#variant(operation, params);
  }

  #variant(plan: OperationPlan, params: JsonObject): Omit<RecordedArrival, 'atMs'> {
    let known = this.#known.get(plan.name);
    if (known === undefined) {
      known = { operation: this.#operations.length, variants: new Map() };
      this.#known.set(plan.name, known);
      this.#operations.push(plan);
    }
    const operation = this.#operations[known.operation]!;
    const text = JSON.stringify(params);
    let variant = known.variants.get(text);
    if (variant === undefined) {
      variant = operation.params.length;
      known.variants.set(text, variant);
      operation.params.push(params);
    }
    operation.weight++;
    const used = this.#mix.used.find((one) => one.name === operation.tool);
    if (used !== undefined) {
      used.weight++;
      used.sets = operation.params.length;
    }
    return { operation: known.operation, variant };
  }

  #passOver(method: string | undefined): void {
    if (method !== undefined) this.#passedOver.set(method, (this.#passedOver.get(method) ?? 0) + 1);
  }
}
