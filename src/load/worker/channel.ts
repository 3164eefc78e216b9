import type { StopReport } from '../../target/index.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { LoadTarget } from '../load-target.js';
import type { RecorderDelta } from '../recording/recorder.js';
import type { ShardDelta } from '../recording/shard-delta.js';

/** What a coordinator says to a load thread, here or on another machine. */
export type ToWorker =
  | {
      type: 'prepare';
      plan: LoadPlan;
      target: LoadTarget;
      shard: number;
      shards: number;
      tickMs: number;
      /** Keep the process of a stdio target for the next load, until `close`. */
      keep?: boolean;
      /** The coordinator has new tokens where the target refuses the one in `target.headers`. */
      renews?: boolean;
    }
  /** Begin at this moment of the machine's monotonic clock (`process.hrtime`), ms. */
  | { type: 'start'; atMs: number }
  /** Begin no further calls; those under way may finish within the plan's grace. */
  | { type: 'stop' }
  /** Give up everything at once. */
  | { type: 'abort' }
  /** The value of the Authorization header from now on; or why there is no new one. */
  | { type: 'authorize'; value: string }
  | { type: 'authorize'; error: string }
  /** No further load follows: stop what was kept, and say `closed`. */
  | { type: 'close' };

/** What the thread knows of itself at the end. */
export interface ThreadReport {
  /** Time from the start until the last call was settled, ms. */
  elapsedMs: number;
  /** Largest share of a second that the thread spent in its own work, 0…1; and the mean. */
  busyMax: number;
  busyMean: number;
  /** How late timers of the thread came, ms. */
  loopLagP99Ms: number;
  gcPauseMs: number;
  gcPauseMaxMs: number;
}

/** What a load thread says to its coordinator. */
export type FromWorker =
  | { type: 'ready'; pid?: number; connect?: RecorderDelta; initialize?: RecorderDelta }
  /** The target answered 401; `challenge` is its WWW-Authenticate header. An `authorize` is waited for. */
  | { type: 'unauthorized'; challenge?: string }
  | { type: 'tick'; delta: ShardDelta; last: boolean }
  | { type: 'done'; report: ThreadReport; died?: string; sessions?: readonly string[] }
  /** What was kept for further loads is stopped; how, where a process was among it. */
  | { type: 'closed'; stops: StopReport[] }
  /** It cannot go on; `hint` and `exitCode` as in `DynoError`. */
  | { type: 'failed'; message: string; code: string; hint?: string; exitCode: number };

/** Two-way messages between a coordinator and one worker: a MessagePort here, NATS between machines. */
export interface Channel<Out, In> {
  send(message: Out): void;
  onMessage(callback: (message: In) => void): void;
}

/** Milliseconds of the machine's monotonic clock, which all threads of a machine share. */
export function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
