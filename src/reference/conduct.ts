import { seededRandom, type JsonObject, type Random } from '../core/index.js';
import {
  RpcError,
  rpcCodes,
  type CallContext,
  type CallToolResult,
  type ToolDefinition,
  type ToolHandler,
} from '../protocol/index.js';
import { badAnswer, throttled } from './bad-answer.js';
import { churn, FileHoard, Hoard } from './counting/hoard.js';
import { Truth } from './counting/truth.js';
import type { BadOutcome, ReferenceKnobs } from './knobs/knobs.js';
import { blockFor, spinUntil } from './timing/block.js';
import { DeadlineQueue } from './timing/deadline-queue.js';
import { Rotation } from './timing/rotation.js';
import { ServiceGate, type PendingStay } from './timing/service-gate.js';
import { scaledServiceMs } from './timing/scalability.js';
import { drawServiceTime } from './timing/service-time.js';

/** What a tool does, once the knobs have let it: it is pure, or changes only the made-up stock. */
export type ToolBody = (args: JsonObject) => CallToolResult;

/** How one tool differs from the others. */
export interface ToolConduct {
  /** Takes this long, ms, whatever `--service-time` says. */
  serviceMs?: number;
  /** Nothing else runs meanwhile. */
  blocks?: boolean;
  /** Reports progress while it waits. */
  reportsProgress?: boolean;
}

/** A wait shorter than this is not worth listening for a cancellation, ms. */
const cancellableMs = 5;

/** How the server conducts itself: the knobs, applied to every call of a tool, and the truth about it. */
export class Conduct {
  readonly truth: Truth;
  /** Keeps what calls leak. */
  readonly #hoard = new Hoard();
  readonly #files = new FileHoard();
  /** Keeps what sessions leak. */
  readonly sessionHoard = new Hoard();
  readonly queue = new DeadlineQueue();
  readonly #gate: ServiceGate;
  readonly #knobs: ReferenceKnobs;
  readonly #outcomes: Rotation<BadOutcome | 'ok'>;
  readonly #slow: Rotation<boolean>;
  readonly #random: Random;
  readonly #onDeath: (why: string) => void;
  readonly #born: number;

  /** @param onDeath ends the process. */
  constructor(knobs: ReferenceKnobs, onDeath: (why: string) => void) {
    this.#knobs = knobs;
    this.#onDeath = onDeath;
    this.#born = this.queue.now();
    this.#gate = new ServiceGate(knobs.slots, this.queue);
    this.#outcomes = new Rotation<BadOutcome | 'ok'>(knobs.fail, 'ok');
    this.#slow = new Rotation(new Map([[true, knobs.slowShare]]), false);
    this.#random = seededRandom(knobs.seed).fork('service times');
    this.truth = new Truth({
      inServiceMax: () => this.#gate.inServiceMax,
      waitingMax: () => this.#gate.waitingMax,
      kept: () => ({
        bytes: this.#hoard.bytes,
        fds: this.#files.count,
        sessionBytes: this.sessionHoard.bytes,
      }),
      onReset: () => {
        this.#gate.resetMaxima();
      },
    });
  }

  /** A handler that goes as the knobs say and does what the body does. */
  handler(tool: ToolDefinition, body: ToolBody, conduct: ToolConduct = {}): ToolHandler {
    return (args, call) => {
      if (this.truth.calls >= this.#knobs.dieAfter) this.#onDeath('the inventory is gone');
      if (this.truth.inFlight >= this.#knobs.maxInFlight) return this.#refuse(tool.name);
      const drawn = this.#outcomes.next();
      const outcome = drawn === 'schema' && tool.outputSchema === undefined ? 'ok' : drawn;
      const slow = this.#slow.next();
      this.truth.arrived(tool.name, outcome, slow);
      if (outcome === 'hang') {
        this.truth.hung();
        return new Promise(() => undefined);
      }
      const answer = () => this.#answer(outcome, () => body(args));
      const serviceMs = slow ? this.#knobs.slowTimeMs : (conduct.serviceMs ?? this.#drawTime());
      if (conduct.blocks === true || this.#knobs.spin) {
        return this.#atOnce(serviceMs, this.#knobs.spin ? 'spin' : 'block', answer);
      }
      if (serviceMs === 0 && this.#knobs.slots === Infinity && this.#knobs.holdBytes === 0)
        return this.#atOnce(0, 'block', answer);
      return this.#inTime(serviceMs, call, conduct, answer);
    };
  }

  #drawTime(): number {
    const { distribution, serviceTimeMs, drift, scalability, seed } = this.#knobs;
    if (scalability !== undefined) return scaledServiceMs(scalability, this.truth.inFlight, seed);
    const drawn = drawServiceTime(distribution, serviceTimeMs, this.#random);
    return drift === undefined ? drawn : drawn + (drift.byMs * (this.queue.now() - this.#born)) / drift.perMs;
  }

  /** Counted as throttled, and answered at once. */
  #refuse(tool: string): never {
    this.truth.arrived(tool, 'throttle', false);
    this.truth.answered(0, 0);
    throw this.#knobs.transport === 'http'
      ? throttled
      : new RpcError(rpcCodes.internal, 'Too many calls at once');
  }

  #atOnce(serviceMs: number, how: 'spin' | 'block', answer: () => CallToolResult): CallToolResult {
    const started = this.queue.now();
    if (serviceMs > 0) {
      if (how === 'block') blockFor(serviceMs);
      else spinUntil(started + serviceMs, () => this.queue.now());
    }
    try {
      return answer();
    } finally {
      const took = this.queue.now() - started;
      this.truth.answered(took, took);
    }
  }

  async #inTime(
    serviceMs: number,
    call: CallContext,
    conduct: ToolConduct,
    answer: () => CallToolResult,
  ): Promise<CallToolResult> {
    const held =
      this.#knobs.holdBytes > 0 ? Buffer.allocUnsafeSlow(this.#knobs.holdBytes).fill(0xa5) : undefined;
    const stay = this.#gate.enter(serviceMs);
    const watched = serviceMs >= cancellableMs || this.#knobs.slots !== Infinity;
    const gaveUp = watched ? this.#watch(call, stay) : () => false;
    const endProgress = conduct.reportsProgress === true ? reportProgress(call, serviceMs) : undefined;
    const { arrived, started } = await stay.done;
    endProgress?.();
    if (gaveUp()) {
      this.truth.gaveUp();
      return { content: [] };
    }
    try {
      return answer();
    } finally {
      const now = this.queue.now();
      this.truth.answered(now - started, now - arrived);
      // Read here, so that it is held until here.
      held?.at(-1);
    }
  }

  /** Ends the stay when the call is cancelled, unless the server ignores that; tells whether it did. */
  #watch(call: CallContext, stay: PendingStay): () => boolean {
    let left = false;
    const onAbort = () => {
      this.truth.cancelled();
      if (this.#knobs.ignoreCancel) return;
      left = true;
      stay.leave();
    };
    const { signal } = call;
    if (signal.aborted) onAbort();
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      void stay.done.then(() => {
        signal.removeEventListener('abort', onAbort);
      });
    }
    return () => left;
  }

  #answer(outcome: Exclude<BadOutcome, 'hang'> | 'ok', body: () => CallToolResult): CallToolResult {
    const { keepBytes, churnBytes, leakFds, answerBytes } = this.#knobs;
    this.#hoard.keep(keepBytes);
    churn(churnBytes);
    if (leakFds) this.#files.keep();
    const result = body();
    if (answerBytes > 0) pad(result, answerBytes);
    return outcome === 'ok' ? result : badAnswer(outcome, result);
  }
}

/** Spaces after the text do not change what it says, JSON or not. */
function pad(result: CallToolResult, bytes: number): void {
  const [first] = result.content;
  if (first?.text === undefined) return;
  first.text += ' '.repeat(Math.max(0, bytes - Buffer.byteLength(first.text)));
}

/** Ten steps, evenly over the time. */
function reportProgress(call: CallContext, overMs: number): () => void {
  let step = 0;
  const timer = setInterval(
    () => {
      step++;
      if (step < 10) call.progress(step, 10);
    },
    Math.max(1, overMs / 10),
  );
  return () => {
    clearInterval(timer);
  };
}
