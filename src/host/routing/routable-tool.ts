import { usageError } from '../../core/errors.js';
import type { Tool } from '../../protocol/index.js';
import { CircuitBreaker, type BreakerOptions } from './circuit-breaker.js';
import { LatencyWindow } from './latency-window.js';
import type { Replica } from './replica.js';

/** A tool that can be routed to. */
export interface RoutableTool {
  /** Unique; the same as in the catalogue. */
  id: string;
  /** The name to call it by. */
  name: string;
  /** The servers that offer it, all equal: the replicas. At least one. */
  replicas: readonly string[];
  /** What it can do, such as tags; compared with what is asked for. */
  capabilities?: readonly string[] | undefined;
  /** What a call costs, in any unit that all tools share; 0 unless given. */
  cost?: number | undefined;
  /** Its annotations: only a tool that is read-only or idempotent is retried or hedged. */
  annotations?: Tool['annotations'];
  /** What earlier calls have shown, for the time before calls were made through here. */
  usage?: { readonly successRate: number; readonly latencyMs: number | undefined } | undefined;
}

/** The weight of the latest call in the share of successes and in the mean latency of a tool. */
const share = 0.1;

/** What is known of a tool and its replicas. */
export class ToolState {
  readonly tool: RoutableTool;
  readonly replicas: readonly Replica[];
  readonly capabilities: ReadonlySet<string>;
  readonly window = new LatencyWindow();
  /** True when a second call does no harm. */
  readonly repeatable: boolean;
  readonly cost: number;
  calls = 0;
  success: number;
  latencyMs: number | undefined;
  readonly #breakers = new Map<Replica, CircuitBreaker>();
  readonly #options: BreakerOptions;

  constructor(tool: RoutableTool, replicas: readonly Replica[], options: BreakerOptions) {
    this.tool = tool;
    this.replicas = replicas;
    this.#options = options;
    this.capabilities = new Set((tool.capabilities ?? []).map((one) => one.toLowerCase()));
    this.repeatable = tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true;
    this.success = tool.usage?.successRate ?? 0.5;
    this.latencyMs = tool.usage?.latencyMs;
    this.cost = tool.cost ?? 0;
    if (!Number.isFinite(this.cost) || this.cost < 0) {
      throw usageError(`Expected the cost of a tool to be a number from 0, got ${String(tool.cost)}`);
    }
  }

  /** The circuit breaker of this tool on a replica. */
  breaker(replica: Replica): CircuitBreaker {
    let breaker = this.#breakers.get(replica);
    if (breaker === undefined) this.#breakers.set(replica, (breaker = new CircuitBreaker(this.#options)));
    return breaker;
  }

  /** True when the breaker lets a call through; one that was never needed does. */
  allows(replica: Replica, now: number): boolean {
    return this.#breakers.size === 0 || (this.#breakers.get(replica)?.allows(now) ?? true);
  }

  /** Takes over what was learnt of the same tool before its definition changed. */
  inherit(other: ToolState): void {
    this.calls = other.calls;
    this.success = other.success;
    this.latencyMs = other.latencyMs;
    for (const [replica, breaker] of other.#breakers) {
      if (this.replicas.includes(replica)) this.#breakers.set(replica, breaker);
    }
  }

  /** Counts a call that was answered, or failed. */
  learn(ok: boolean, latencyMs: number): void {
    this.calls++;
    this.success += share * (Number(ok) - this.success);
    if (!ok) return;
    this.window.observe(latencyMs);
    this.latencyMs =
      this.latencyMs === undefined ? latencyMs : this.latencyMs + share * (latencyMs - this.latencyMs);
  }
}
