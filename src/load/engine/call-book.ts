import { failureClasses } from '../../core/outcome.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { violationOf } from '../lanes/expected-refusals.js';
import type { Lane, OutcomeIndex } from '../lanes/lane.js';
import type { ShardRecorder } from '../recording/shard-recorder.js';

/** Writes down what calls came to, with the definitions of the four times (docs/measuring.md). */
export class CallBook {
  readonly #recorder: ShardRecorder;
  readonly #operations: readonly OperationPlan[];
  /** ms of the engine's clock */
  readonly #measureMs: number;

  constructor(recorder: ShardRecorder, operations: readonly OperationPlan[], measureMs: number) {
    this.#recorder = recorder;
    this.#operations = operations;
    this.#measureMs = measureMs;
  }

  /** A call is being sent. */
  sent(lane: Lane): void {
    if (lane.warmup) return;
    this.#recorder.sent++;
    const due = lane.freeMs > lane.intendedMs ? lane.freeMs : lane.intendedMs;
    if (due !== lane.sentMs) this.#recorder.scheduleLag.record(lane.sentMs - due);
    else this.#recorder.scheduleLag.record(0);
    this.#recorder.queueWait.record(due - lane.intendedMs);
  }

  /** As {@link CallBook.sent}, where a call is sent the moment it is due: nothing can wait or be late. */
  sentAtOnce(lane: Lane): void {
    if (!lane.warmup) this.#recorder.sent++;
  }

  /** A call has come to its outcome. */
  settled(lane: Lane, outcome: OutcomeIndex): void {
    if (lane.warmup) {
      this.#recorder.warmupCalls++;
      if (outcome !== 0) this.#recorder.warmupFailed++;
      return;
    }
    const { operation } = lane.template;
    if (outcome === 0) {
      const { sentMs, endMs } = lane;
      this.#recorder.ok(operation, endMs - lane.intendedMs, endMs - sentMs, lane.firstByteMs - sentMs);
      return;
    }
    const message = lane.message || `the call ended as ${failureClasses[outcome - 1] ?? 'failed'}`;
    const violation = violationOf(this.#operations[operation], lane.template.variant);
    this.#recorder.failed(operation, {
      failure: outcome - 1,
      operation: this.#operations[operation]!.name,
      message: violation === undefined ? message : `${message}: ${violation}`,
      atMs: Math.max(0, lane.endMs - this.#measureMs),
      request: `${lane.template.prefix}…${lane.template.suffix}`,
      response: lane.response,
    });
  }
}
