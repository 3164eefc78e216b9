import { failureClasses } from '../../core/outcome.js';
import { AskRecorder } from '../asking/ask-recorder.js';
import { FailureLog, type FailureEvent } from './failure-log.js';
import { Recorder } from './recorder.js';
import type { OperationDelta, ShardDelta } from './shard-delta.js';

/** The gauges that a delta carries besides what was recorded. */
export type ShardGauges = Pick<ShardDelta, 'fromMs' | 'toMs' | 'inFlight' | 'waiting' | 'active' | 'busyMs'>;

interface OperationRecorder {
  ok: number;
  failed: number[];
  latency: Recorder;
  service: Recorder | undefined;
  ttfb: Recorder;
}

/** Everything that one load thread records; drained into a {@link ShardDelta} once an interval. */
export class ShardRecorder {
  readonly queueWait = new Recorder();
  readonly scheduleLag = new Recorder();
  readonly connect = new Recorder();
  readonly initialize = new Recorder();
  readonly sessionClose = new Recorder();
  readonly asks = new AskRecorder();
  offered = 0;
  sent = 0;
  dropped = 0;
  reopened = 0;
  unclosed = 0;
  strays = 0;
  warmupCalls = 0;
  warmupFailed = 0;
  readonly #operations: OperationRecorder[];
  readonly #failures = new FailureLog();
  #sequence = 0;

  /** @param open whether calls have an intended start of their own (open models). */
  constructor(operations: number, open: boolean) {
    this.#operations = Array.from({ length: operations }, () => ({
      ok: 0,
      failed: failureClasses.map(() => 0),
      latency: new Recorder(),
      service: open ? new Recorder() : undefined,
      ttfb: new Recorder(),
    }));
  }

  /** A call that came out ok. Times in ms. */
  ok(operation: number, latency: number, service: number, ttfb: number): void {
    const recorder = this.#operations[operation]!;
    recorder.ok++;
    recorder.latency.record(latency);
    recorder.service?.record(service);
    recorder.ttfb.record(ttfb);
  }

  /** A call that failed. */
  failed(operation: number, event: FailureEvent): void {
    this.#operations[operation]!.failed[event.failure]!++;
    this.#failures.add(event);
  }

  /** Hands over the interval and begins the next. */
  drain(gauges: ShardGauges): ShardDelta {
    const delta: ShardDelta = {
      sequence: this.#sequence++,
      ...gauges,
      operations: [],
      offered: this.offered,
      sent: this.sent,
      dropped: this.dropped,
      warmup: { calls: this.warmupCalls, failed: this.warmupFailed },
      reopened: this.reopened,
      unclosed: this.unclosed,
      strays: this.strays,
      ...this.#failures.drain(),
    };
    for (const name of ['queueWait', 'scheduleLag', 'connect', 'initialize', 'sessionClose'] as const) {
      const drained = this[name].drain();
      if (drained !== undefined) delta[name] = drained;
    }
    const asks = this.asks.drain();
    if (asks !== undefined) delta.asks = asks;
    for (const [operation, recorder] of this.#operations.entries()) {
      if (recorder.ok > 0 || recorder.failed.some((count) => count > 0)) {
        delta.operations.push(drainOperation(operation, recorder));
      }
    }
    this.offered = this.sent = this.dropped = this.reopened = this.unclosed = this.strays = 0;
    this.warmupCalls = this.warmupFailed = 0;
    return delta;
  }
}

function drainOperation(operation: number, recorder: OperationRecorder): OperationDelta {
  const delta: OperationDelta = { operation, ok: recorder.ok, failed: recorder.failed };
  for (const name of ['latency', 'service', 'ttfb'] as const) {
    const drained = recorder[name]?.drain();
    if (drained !== undefined) delta[name] = drained;
  }
  recorder.ok = 0;
  recorder.failed = recorder.failed.map(() => 0);
  return delta;
}
