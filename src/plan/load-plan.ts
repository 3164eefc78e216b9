import type { JsonObject } from '../core/json.js';
import type { TurnPlan } from './turn-plan.js';

/** A step of a ramp: reach `target` (virtual users, or calls per second) in `durationMs`, linearly. */
export interface Stage {
  durationMs: number;
  target: number;
}

/** How iterations are started; the names are k6's. Rates are calls per second, durations milliseconds. */
export type ExecutorPlan =
  | { kind: 'shared-iterations'; vus: number; iterations: number; maxDurationMs: number }
  | { kind: 'per-vu-iterations'; vus: number; iterations: number; maxDurationMs: number }
  | { kind: 'constant-vus'; vus: number; durationMs: number }
  | { kind: 'ramping-vus'; startVus: number; stages: Stage[] }
  | {
      kind: 'constant-arrival-rate';
      rate: number;
      durationMs: number;
      /** Connections (slots) that carry the calls; an arrival that finds none free waits. */
      vus: number;
      arrivals: ArrivalProcess;
      /** Arrivals that may wait for a slot at once; beyond it they are dropped and counted. */
      maxWaiting: number;
    }
  | {
      kind: 'ramping-arrival-rate';
      startRate: number;
      stages: Stage[];
      vus: number;
      arrivals: ArrivalProcess;
      maxWaiting: number;
    }
  /** The calls of a recording, each at its time. */
  | {
      kind: 'recorded-arrivals';
      /** In the order of their times. */
      calls: RecordedArrival[];
      durationMs: number;
      vus: number;
      maxWaiting: number;
    };

/** One call of a recording: when it is due, ms from the load's start, which operation and which of its params. */
export interface RecordedArrival {
  atMs: number;
  operation: number;
  variant: number;
}

/** Constant: evenly spaced. Poisson: independent exponential gaps. */
export type ArrivalProcess = 'constant' | 'poisson';

/** One operation of the mix. */
export interface OperationPlan {
  /** `tools/call echo`, `tools/list`, `ping`: the key in the RunResult. */
  name: string;
  method: string;
  /** The tool, for `tools/call`. */
  tool?: string;
  /** Its share of the mix is weight / sum of weights. */
  weight: number;
  /** Prepared and checked before the run; call i of this operation uses params[i mod length]. */
  params: JsonObject[];
  /** What the server is to make of it, where that is not an ok answer. */
  expect?: Expectation;
  /** Checked against `structuredContent` of every ok answer. */
  outputSchema?: JsonObject;
  /** The tool's input schema, whose `x-mcp-header` marks become headers in the stateless era. */
  inputSchema?: JsonObject;
}

/**
 * An operation whose arguments break the tool's schema: to be refused with `isError` or the JSON-RPC error -32602, which then
 * counts as ok. An ok answer to it counts as `mismatch`.
 */
export interface Expectation {
  outcome: 'refused';
  /** What is wrong with each of its params, in their order, such as `limit above maximum 50`. */
  violations: string[];
}

/** What is cut from the beginning: a fixed time, found by MSER-5, or nothing. */
export type WarmupPlan = { kind: 'none' } | { kind: 'time'; ms: number } | { kind: 'auto' };

/**
 * Whose session a call uses (session era). `churn`: the virtual user's, which is ended and followed by a new one after every
 * `sessionCalls` calls. `abandoned`: one of its own that is left without DELETE, as by clients that just go away; what is
 * left so is ended when the load is over.
 */
export type SessionMode = 'shared' | 'per-vu' | 'per-call' | 'churn' | 'abandoned';

/** How long a virtual user pauses. */
export type ThinkTime = { kind: 'constant'; ms: number } | { kind: 'exponential'; meanMs: number };

/** Event streams that are held: GET, each with a session of its own, or `subscriptions/listen` (stateless era). */
export interface StreamPlan {
  count: number;
  /** URIs that each of them subscribes to. */
  resources: string[];
}

/** One load, complete: what `LoadRunner` runs. It is plain data and survives structured cloning. */
export interface LoadPlan {
  operations: OperationPlan[];
  executor: ExecutorPlan;
  warmup: WarmupPlan;
  /** A call that has no answer after this many milliseconds ends as `timeout`. */
  timeoutMs: number;
  /** For starting the target and each handshake, ms; 30,000 unless given. */
  startTimeoutMs?: number;
  session: SessionMode;
  /** Calls in each session of `churn`; 10 unless given. */
  sessionCalls?: number;
  /** Every call carries a progress token of its own, and what the server tells of its progress is watched; not unless given. */
  progress?: boolean;
  /** Fixes arguments, mix and arrivals. */
  seed: number;
  /** Load threads. */
  workers: number;
  /** Pause between an answer and the next call (a turn and the next) of a virtual user in closed models. */
  thinkTime?: ThinkTime;
  /** What is done between two pauses, where that is more than one call; executors then count and start turns. */
  turn?: TurnPlan;
  /** How long calls in flight may still take when the time is up, ms. */
  gracefulStopMs: number;
  /** Event streams that are held open while the load runs, besides its own connections. */
  streams?: StreamPlan;
  /** Stop the load early when this is exceeded. */
  abortOn?: { failureShare: number; afterCalls: number };
}
