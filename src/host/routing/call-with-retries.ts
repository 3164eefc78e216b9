import type { Clock } from '../../core/clock.js';
import { sleep } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import type { Random } from '../../core/random.js';
import { WireError, type CallToolResult, type Progress } from '../../protocol/index.js';
import type { Choice } from './choose-replica.js';
import { verdictOf, type CallVerdict } from './health.js';
import type { Replica } from './replica.js';
import type { Attempt } from './replica-pool.js';
import type { RetryBudget } from './retry-budget.js';
import type { ToolState } from './routable-tool.js';

/** Makes one call on one server. Rejects with a WireError. */
export type Invoke = (call: {
  server: string;
  tool: string;
  args: JsonObject;
  /** Aborted when the call is no longer wanted. */
  signal: AbortSignal;
  /** What is left of the deadline, milliseconds. */
  timeoutMs: number;
  onProgress?: ((progress: Progress) => void) | undefined;
}) => Promise<CallToolResult>;

/** One attempt of a routed call. */
export interface AttemptReport {
  server: string;
  /** Why this replica. */
  choice: Choice['reason'];
  kind: 'first' | 'retry' | 'hedge';
  verdict: CallVerdict;
  durationMs: number;
}

/** What a routed call came to. */
export interface RoutedCall {
  result: CallToolResult;
  /** The server whose answer it is. */
  server: string;
  attempts: AttemptReport[];
  durationMs: number;
}

/** What a routed call needs. */
export interface CallPlan {
  tool: ToolState;
  args: JsonObject;
  invoke: Invoke;
  /** Undefined when there is no replica left. */
  choose(exclude: ReadonlySet<Replica>): Choice | undefined;
  begin(replica: Replica): Attempt;
  /** What to throw when nothing can be chosen at first. */
  unavailable(): Error;
  budget: RetryBudget;
  clock: Clock;
  random: Random;
  timeoutMs: number;
  maxAttempts: number;
  hedge: boolean;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

const firstBackoffMs = 50;

/**
 * Calls a tool on the replica that is chosen, again on another one where that does no harm and the budget allows, and on
 * a second one at once when the first takes longer than 95 % of the calls before (Dean and Barroso, "The Tail at Scale",
 * 2013). The deadline is one for all attempts.
 */
export async function callWithRetries(plan: CallPlan): Promise<RoutedCall> {
  const { clock, tool, budget, signal } = plan;
  signal?.throwIfAborted();
  const started = clock.now();
  const deadline = started + plan.timeoutMs;
  const attempts: AttemptReport[] = [];
  const tried = new Set<Replica>();
  const release = budget.call();
  let releaseExtra: (() => void) | undefined;
  let last: unknown;
  try {
    for (let number = 0; number < plan.maxAttempts; number++) {
      const choice = plan.choose(tried) ?? (number > 0 ? plan.choose(new Set()) : undefined);
      if (choice === undefined) throw last ?? plan.unavailable();
      if (tried.has(choice.replica)) {
        const wait = firstBackoffMs * 2 ** (number - 1) * (0.5 + plan.random.next() / 2);
        if (clock.now() + wait >= deadline) throw last;
        await sleep(wait, clock, signal);
      }
      tried.add(choice.replica);
      const race = new Race(plan, attempts, deadline, tried);
      try {
        const { result, server } = await race.run(choice, number === 0 ? 'first' : 'retry');
        return { result, server, attempts, durationMs: clock.now() - started };
      } catch (error) {
        signal?.throwIfAborted();
        last = error;
        if (number + 1 >= plan.maxAttempts || clock.now() >= deadline) throw error;
        if (!mayRepeat(error, tool.repeatable)) throw error;
        releaseExtra?.();
        releaseExtra = budget.extra();
        if (releaseExtra === undefined) throw error;
      }
    }
    throw last;
  } finally {
    releaseExtra?.();
    release();
  }
}

/** True when another attempt does no harm: the first one never arrived, or a second one changes nothing. */
function mayRepeat(error: unknown, repeatable: boolean): boolean {
  const verdict = verdictOf(error);
  if (error instanceof WireError && error.outcome === 'connect') return true;
  if (verdict === 'throttled') return true;
  return repeatable && (verdict === 'unreachable' || verdict === 'failed');
}

/** One attempt, and its hedge. The first good answer wins; the other is cancelled. */
class Race {
  readonly #plan: CallPlan;
  readonly #attempts: AttemptReport[];
  readonly #deadline: number;
  readonly #tried: Set<Replica>;
  readonly #running = new Set<AbortController>();

  constructor(plan: CallPlan, attempts: AttemptReport[], deadline: number, tried: Set<Replica>) {
    this.#plan = plan;
    this.#attempts = attempts;
    this.#deadline = deadline;
    this.#tried = tried;
  }

  run(choice: Choice, kind: 'first' | 'retry'): Promise<{ result: CallToolResult; server: string }> {
    const { clock, signal } = this.#plan;
    return new Promise((resolve, reject) => {
      let pending = 1;
      let failure: unknown;
      let cancelHedge = () => {};
      const finish = () => {
        cancelHedge();
        signal?.removeEventListener('abort', abort);
        for (const controller of this.#running) controller.abort(new Error('Another attempt was faster'));
      };
      const abort = () => {
        for (const controller of this.#running) controller.abort(signal?.reason);
        finish();
        reject(signal?.reason as Error);
      };
      const start = (chosen: Choice, as: AttemptReport['kind'], release?: () => void) => {
        this.#attempt(chosen, as)
          .then(
            (result) => {
              finish();
              resolve({ result, server: chosen.replica.name });
            },
            (error: unknown) => {
              failure ??= error;
              if (--pending > 0) return;
              finish();
              reject(failure as Error);
            },
          )
          .finally(() => release?.());
      };
      signal?.addEventListener('abort', abort, { once: true });
      start(choice, kind);
      const wait = this.#hedgeAfter();
      if (wait !== undefined) {
        cancelHedge = clock.after(wait, () => {
          const other = this.#plan.choose(this.#tried);
          if (other === undefined || other.reason === 'last-resort') return;
          const release = this.#plan.budget.extra();
          if (release === undefined) return;
          this.#tried.add(other.replica);
          pending++;
          start(other, 'hedge', release);
        });
      }
    });
  }

  /** When a second attempt is worth it; undefined for never. */
  #hedgeAfter(): number | undefined {
    const { tool, hedge, clock } = this.#plan;
    if (!hedge || !tool.repeatable || tool.replicas.length < 2) return undefined;
    const p95 = tool.window.p95;
    return p95 !== undefined && clock.now() + p95 < this.#deadline ? p95 : undefined;
  }

  async #attempt({ replica, reason }: Choice, kind: AttemptReport['kind']): Promise<CallToolResult> {
    const { clock, invoke, tool, args, onProgress } = this.#plan;
    const started = clock.now();
    const timeoutMs = this.#deadline - started;
    const controller = new AbortController();
    this.#running.add(controller);
    const attempt = this.#plan.begin(replica);
    let given = false;
    const end = (verdict: CallVerdict, answered: boolean) => {
      if (given) return;
      given = true;
      this.#running.delete(controller);
      attempt.end(verdict, answered);
      const durationMs = clock.now() - started;
      this.#attempts.push({ server: replica.name, choice: reason, kind, verdict, durationMs });
    };
    let cancelTimeout = () => {};
    // Whatever `invoke` does, the deadline and a cancellation end the attempt.
    const ended = new Promise<never>((_, reject) => {
      cancelTimeout = clock.after(timeoutMs, () => {
        const message = `${tool.tool.name} on ${replica.name} gave no answer within ${Math.round(timeoutMs)} ms`;
        reject(new WireError(message, { outcome: 'timeout' }));
        end('failed', false);
        controller.abort(new Error(message));
      });
      controller.signal.addEventListener('abort', () => {
        end('cancelled', false);
        reject(controller.signal.reason as Error);
      });
    });
    // Nobody may be left to hear it, when `invoke` throws at once.
    ended.catch(() => undefined);
    try {
      const call = { server: replica.name, tool: tool.tool.name, args, signal: controller.signal, timeoutMs };
      const result = await Promise.race([
        invoke(onProgress === undefined ? call : { ...call, onProgress }),
        ended,
      ]);
      end(result.isError === true ? 'refused' : 'ok', result.isError !== true);
      return result;
    } catch (error) {
      end(verdictOf(error), false);
      throw error;
    } finally {
      cancelTimeout();
    }
  }
}
