import { backgroundClock, type Clock } from '../../core/clock.js';
import { DynoError, usageError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { seededRandom, type Random } from '../../core/random.js';
import type { Progress } from '../../protocol/index.js';
import { shown } from '../shown.js';
import { callWithRetries, type Invoke, type RoutedCall } from './call-with-retries.js';
import { chooseReplica, type Choice } from './choose-replica.js';
import { breakerDefaults, type BreakerOptions } from './circuit-breaker.js';
import { rankTools, scoresOf, type RankCandidate } from './rank-tools.js';
import { hashText } from './rendezvous.js';
import { outlierDefaults, type OutlierOptions, type Replica, type ReplicaHealth } from './replica.js';
import { ReplicaPool, type Attempt, type Probe, type ReplicaStatus } from './replica-pool.js';
import { RetryBudget } from './retry-budget.js';
import { ToolState, type RoutableTool } from './routable-tool.js';
import { routingStrategies, type RoutingStrategy, type Scores } from './scores.js';
import type { BreakerState } from '../registry/service.js';

/** How a {@link ToolRouter} works; times in milliseconds. */
export interface ToolRouterOptions {
  /** Makes the calls of {@link ToolRouter.callTool}; such as `McpClient.callTool`. */
  invoke?: Invoke | undefined;
  /** Reaches a server that is down, to see when it is back; without it a call has to try. */
  probe?: Probe | undefined;
  /** How fast a latency is forgotten; 10,000. */
  decayMs?: number | undefined;
  breaker?: Partial<BreakerOptions> | undefined;
  outlier?: Partial<OutlierOptions> | undefined;
  /** Extra attempts: at most this share of the calls in flight; 0.2. */
  retryShare?: number | undefined;
  /** Extra attempts in flight that are always allowed; 3. */
  retryMinimum?: number | undefined;
  /** Attempts of one call, the first included, hedges not; 3. */
  maxAttempts?: number | undefined;
  /** False never hedges; true unless given. */
  hedge?: boolean | undefined;
  /** Default: timers that do not keep the process alive. */
  clock?: Clock | undefined;
  random?: Random | undefined;
}

/** What tools are wanted for. */
export interface RoutingContext {
  /** Tools to choose from, such as the hits of a search; all known ones unless given. */
  candidates?: readonly { id: string; relevance?: number | undefined }[] | undefined;
  /** What the tools should be able to do. */
  capabilities?: readonly string[] | undefined;
  /** The session or principal whose calls should stay on one replica. Never a client's address. */
  affinity?: string | undefined;
  /** True: only tools that are marked read-only. */
  readOnly?: boolean | undefined;
}

/** A tool that was chosen, and the replica to call. */
export interface RoutingDecision {
  tool: RoutableTool;
  /** The server to call. */
  server: string;
  /** Why this replica. */
  choice: Choice['reason'];
  /** The weighted sum of the scores, 0 to 1. */
  score: number;
  scores: Scores;
  /** What decided, one sentence. */
  reason: string;
}

/** What a routing gave. */
export interface RoutingResult {
  /** The tools, best first. */
  decisions: RoutingDecision[];
  /** Candidates that cannot be called now, or are not known; at most 20. */
  passedOver: { id: string; reason: string }[];
}

/** How a routed call is made. */
export interface RoutedCallOptions {
  /** The deadline for all attempts together; 30,000. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** The session or principal whose calls should stay on one replica. */
  affinity?: string | undefined;
  /** False never hedges this call. */
  hedge?: boolean | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** Where a call that the caller makes itself goes to; `end` must be called once. */
export type RoutedAttempt = Attempt & { server: string; choice: Choice['reason'] };

const mostPassedOver = 20;

/**
 * Chooses tools and the replicas to call them on, and makes the calls.
 *
 * @example
 * ```ts
 * const router = new ToolRouter({ invoke: ({ server, tool, args, ...options }) => client.callTool(server, tool, args, options) });
 * router.setTools([{ id: 'stock/get_level', name: 'get_level', replicas: ['stock-1', 'stock-2', 'stock-3'] }]);
 * const { decisions } = router.routeTools({}, 'latency', 3);
 * const { result, server } = await router.callTool('stock/get_level', { item: 7 }, { timeoutMs: 2000 });
 * ```
 */
export class ToolRouter {
  readonly #options: ToolRouterOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #pool: ReplicaPool;
  readonly #budget: RetryBudget;
  readonly #breaker: BreakerOptions;
  readonly #tools = new Map<string, ToolState>();
  #all: RankCandidate[] | undefined;

  /** @throws DynoError (104) for options out of range */
  constructor(options: ToolRouterOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? backgroundClock;
    this.#random = options.random ?? seededRandom(this.#clock.wall());
    this.#breaker = { ...breakerDefaults, ...options.breaker };
    inRange('retryShare', options.retryShare ?? 0.2, 0, 1);
    inRange('maxAttempts', options.maxAttempts ?? 3, 1, 10);
    this.#budget = new RetryBudget(options.retryShare ?? 0.2, options.retryMinimum ?? 3);
    this.#pool = new ReplicaPool({
      clock: this.#clock,
      random: this.#random,
      decayMs: inRange('decayMs', options.decayMs ?? 10_000, 1, 3_600_000),
      outlier: { ...outlierDefaults, ...options.outlier },
      probe: options.probe,
    });
  }

  /** How many tools are known. */
  get size(): number {
    return this.#tools.size;
  }

  /** Makes these the tools that are known; what was learnt of those that stay is kept. */
  setTools(tools: Iterable<RoutableTool>): void {
    const old = new Map(this.#tools);
    this.#tools.clear();
    for (const tool of tools) this.#set(tool, old.get(tool.id));
    const names = new Set([...this.#tools.values()].flatMap(({ tool }) => tool.replicas));
    this.#pool.keep(names);
  }

  /** Adds a tool, or changes it; what was learnt of it is kept. */
  setTool(tool: RoutableTool): void {
    this.#set(tool, this.#tools.get(tool.id));
  }

  /** Forgets a tool. */
  removeTool(id: string): void {
    this.#tools.delete(id);
    this.#all = undefined;
  }

  /** Takes in what the registry says of a server. */
  setHealth(server: string, health: ReplicaHealth): void {
    this.#pool.setHealth(server, health);
  }

  /** Takes in that a connection was made or lost. */
  setReachable(server: string, reachable: boolean): void {
    this.#pool.setReachable(server, reachable);
  }

  /**
   * The best tools for a context, each with the replica to call, its scores and their reasons.
   *
   * @param strategy balanced unless given
   * @param maxTools 5 unless given
   * @throws DynoError (104) for an unknown strategy or a number of tools below 1
   */
  routeTools(
    context: RoutingContext = {},
    strategy: RoutingStrategy = 'balanced',
    maxTools = 5,
  ): RoutingResult {
    if (!routingStrategies.includes(strategy)) {
      throw usageError(
        `Expected the routing strategy to be ${routingStrategies.join(', ')}, got ${shown(strategy)}`,
      );
    }
    if (!Number.isInteger(maxTools) || maxTools < 1) {
      throw usageError(`Expected maxTools to be a whole number from 1, got ${shown(maxTools)}`);
    }
    const now = this.#clock.now();
    const passedOver: RoutingResult['passedOver'] = [];
    const pass = (id: string, reason: string) => {
      if (passedOver.length < mostPassedOver) passedOver.push({ id, reason });
    };
    const callable: RankCandidate[] = [];
    for (const candidate of this.#candidates(context, pass)) {
      const { state } = candidate;
      if (context.readOnly === true && state.tool.annotations?.readOnlyHint !== true) continue;
      if (isAvailable(state, now)) callable.push(candidate);
      else pass(state.tool.id, this.#whyNot(state, now));
    }
    const capabilities = (context.capabilities ?? []).map((one) => one.toLowerCase());
    const affinity = context.affinity === undefined ? undefined : hashText(context.affinity);
    const decisions: RoutingDecision[] = [];
    for (const ranked of rankTools(callable, { strategy, capabilities, most: maxTools })) {
      const choice = this.#choose(ranked.state, affinity, undefined);
      if (choice === undefined) continue;
      const scores = scoresOf(ranked, strategy, capabilities);
      decisions.push({
        tool: ranked.state.tool,
        server: choice.replica.name,
        choice: choice.reason,
        score: ranked.total,
        scores,
        reason: reasonOf(scores, strategy, choice),
      });
    }
    return { decisions, passedOver };
  }

  /**
   * The replica for one call that the caller makes itself; its `end` must be called with what the call said.
   *
   * @throws DynoError when the tool is not known or has no replica that can be called
   */
  route(id: string, options: { affinity?: string | undefined } = {}): RoutedAttempt {
    const state = this.#known(id);
    const affinity = options.affinity === undefined ? undefined : hashText(options.affinity);
    const choice = this.#choose(state, affinity, undefined);
    if (choice === undefined) throw this.#unavailable(state);
    const attempt = this.#pool.begin(state, choice.replica);
    return { ...attempt, server: choice.replica.name, choice: choice.reason };
  }

  /**
   * Calls a tool: on the best replica, with retries, hedging, breakers and one deadline for all.
   *
   * @throws WireError of the last attempt, the signal's reason, or a DynoError when nothing can be called
   */
  callTool(id: string, args: JsonObject = {}, options: RoutedCallOptions = {}): Promise<RoutedCall> {
    const { invoke } = this.#options;
    if (invoke === undefined) {
      throw usageError(
        'This ToolRouter has no `invoke`, so it cannot make calls',
        'Give it one, or use route()',
      );
    }
    const state = this.#known(id);
    const affinity = options.affinity === undefined ? undefined : hashText(options.affinity);
    return callWithRetries({
      tool: state,
      args,
      invoke,
      choose: (exclude) => this.#choose(state, affinity, exclude),
      begin: (replica) => this.#pool.begin(state, replica),
      unavailable: () => this.#unavailable(state),
      budget: this.#budget,
      clock: this.#clock,
      random: this.#random,
      timeoutMs: inRange('timeoutMs', options.timeoutMs ?? 30_000, 0.001, 2 ** 31 - 1),
      maxAttempts: this.#options.maxAttempts ?? 3,
      hedge: (options.hedge ?? true) && (this.#options.hedge ?? true),
      signal: options.signal,
      onProgress: options.onProgress,
    });
  }

  /** How every replica is doing. */
  replicas(): ReplicaStatus[] {
    return this.#pool.status();
  }

  /** The circuit breaker of a tool on a server. */
  breaker(id: string, server: string): BreakerState {
    const state = this.#known(id);
    const replica = state.replicas.find(({ name }) => name === server);
    return replica === undefined ? 'closed' : state.breaker(replica).state(this.#clock.now());
  }

  /** Ends all probing. Calls on their way go on. */
  close(): void {
    this.#pool.close();
  }

  #set(tool: RoutableTool, old: ToolState | undefined): void {
    if (tool.replicas.length === 0) {
      throw usageError(`Expected the tool ${shown(tool.id)} to have at least one replica`);
    }
    const replicas = [...new Set(tool.replicas)].map((name) => this.#pool.get(name));
    const state = new ToolState(tool, replicas, this.#breaker);
    if (old !== undefined) state.inherit(old);
    this.#tools.set(tool.id, state);
    this.#all = undefined;
  }

  #candidates(context: RoutingContext, pass: (id: string, reason: string) => void): RankCandidate[] {
    if (context.candidates === undefined) {
      this.#all ??= [...this.#tools.values()].map((state) => ({ state, relevance: undefined }));
      return this.#all;
    }
    const found: RankCandidate[] = [];
    for (const { id, relevance } of context.candidates) {
      const state = this.#tools.get(id);
      if (state === undefined) pass(id, 'not known to the router');
      else found.push({ state, relevance: Number.isFinite(relevance) ? relevance : undefined });
    }
    return found;
  }

  #choose(
    state: ToolState,
    affinity: number | undefined,
    exclude: ReadonlySet<Replica> | undefined,
  ): Choice | undefined {
    const now = this.#clock.now();
    return chooseReplica(state.replicas, {
      now,
      random: this.#random,
      affinity,
      exclude,
      allows: (replica) => state.allows(replica, now),
    });
  }

  #known(id: string): ToolState {
    const state = this.#tools.get(id);
    if (state === undefined) {
      throw new DynoError(`The tool ${shown(id)} is not known to the router`, {
        code: 'unknown-tool',
        hint: 'Give it to setTools first.',
      });
    }
    return state;
  }

  #unavailable(state: ToolState): DynoError {
    const why = this.#whyNot(state, this.#clock.now());
    return new DynoError(`The tool ${shown(state.tool.id)} cannot be called now: ${why}`, {
      code: 'no-replica',
      hint: 'Wait until one of its servers is back, or use another tool.',
    });
  }

  #whyNot(state: ToolState, now: number): string {
    return state.replicas
      .map((replica) => {
        const name = shown(replica.name);
        if (replica.health !== 'healthy' && replica.health !== 'degraded')
          return `${name} is ${replica.health}`;
        if (replica.down) return `${name} cannot be reached`;
        if (!state.allows(replica, now)) return `the breaker for ${name} is open`;
        return `${name} is left out as an outlier`;
      })
      .slice(0, 5)
      .join(', ');
  }
}

function isAvailable(state: ToolState, now: number): boolean {
  for (const replica of state.replicas) {
    if (replica.reachable(now) && state.allows(replica, now)) return true;
  }
  return false;
}

/** The two scores that gave most. */
function reasonOf(scores: Scores, strategy: RoutingStrategy, choice: Choice): string {
  const weighed = Object.values(scores).filter(({ weight }) => weight > 0);
  weighed.sort((a, b) => b.value * b.weight - a.value * a.weight);
  const [first, second] = weighed;
  return `${strategy}: ${first!.reason}, ${second!.reason}; replica by ${choice.reason}`;
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw usageError(`Expected ${name} to be a number from ${least} to ${most}, got ${shown(value)}`);
}
