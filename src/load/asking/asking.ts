import type { Clock } from '../../core/clock.js';
import { inputRequired, outcomeIndex, type ServerMessage } from '../lanes/answer-checker.js';
import type { Lane, LaneOwner, OutcomeIndex } from '../lanes/lane.js';
import type { LoadTarget } from '../load-target.js';
import type { AskCounts } from './ask-delta.js';
import type { AskRecorder } from './ask-recorder.js';
import { afterAtLeast } from './at-least.js';
import { AskingCalls } from './call-asks.js';
import { InputRounds } from './input-rounds.js';
import type { ProgressWatch } from '../progress/progress-watch.js';
import { ReplyScript } from './reply-script.js';

/** Where a message of the server came from, and how it is answered there. */
export interface AskedFrom {
  /** The session, stream or pipe in which the ids of the server's requests are its own. */
  scope: object;
  /** The call's lane, where the message came on the stream of one call. */
  lane?: Lane | undefined;
  /** Sends an answer; false, at once or later, where the server did not take it. */
  deliver(answer: string): Promise<boolean> | boolean;
}

/** A request whose answer is not due yet. */
interface Due {
  cancel: () => void;
}

/** Answers of one thread that may wait for their delay or their delivery at once; requests beyond it are refused. */
const mostAtOnce = 10_000;

/** What a load thread does for servers that ask their client something. */
export interface AskingParts {
  target: LoadTarget;
  recorder: AskRecorder;
  clock: Clock;
  /** Of each call, ms. */
  timeoutMs: number;
  /** Hears of progress; undefined where calls carry no tokens. */
  progress?: ProgressWatch | undefined;
}

/**
 * Answers what servers ask of one load thread, by the script of the plan: requests that come as messages (session era), and
 * the input that results ask for (stateless era). Every request gets an answer, a refusal (-32601) where there is no script.
 */
export class Asking {
  /** Whether there is a script: only then is a server told that it may ask, and its session stream listened to. */
  readonly scripted: boolean;
  readonly recorder: AskRecorder;
  readonly #parts: AskingParts;
  readonly #script: ReplyScript;
  readonly #calls = new AskingCalls();
  readonly #due = new Map<object, Map<string | number, Due>>();
  readonly #rounds: InputRounds;
  #waiting = 0;
  #over = false;

  constructor(parts: AskingParts) {
    this.#parts = parts;
    this.recorder = parts.recorder;
    this.scripted = parts.target.answers !== undefined;
    this.#script = new ReplyScript(parts.target.answers);
    this.#rounds = new InputRounds({ ...parts, script: this.#script, calls: this.#calls });
  }

  /** Hears of outcomes before the owner does; the owner itself where no call can ask. */
  owner(owner: LaneOwner): LaneOwner {
    if (!this.scripted && this.#parts.target.era === 'session') return owner;
    return {
      settled: (lane, outcome) => {
        if (outcome === inputRequired) {
          const failure = this.#rounds.next(lane);
          if (failure !== undefined) this.#settled(owner, lane, failure);
        } else this.#settled(owner, lane, outcome);
      },
    };
  }

  /** Takes a request or notification of the server. */
  message(message: ServerMessage, from: AskedFrom): void {
    const { id, method } = message;
    if (typeof id === 'string' || typeof id === 'number') this.#answer({ id, method }, from);
    else if (method === 'notifications/progress') this.#parts.progress?.notified(message.params, from.lane);
    else if (method === 'notifications/cancelled') this.#cancelled(message.params?.['requestId'], from.scope);
  }

  /** The load is over: answers that are not due yet are not sent any more. */
  end(): void {
    this.#over = true;
    for (const due of this.#due.values()) for (const each of due.values()) each.cancel();
    this.#due.clear();
    this.#rounds.end();
  }

  #settled(owner: LaneOwner, lane: Lane, outcome: OutcomeIndex): void {
    if (this.#calls.size > 0) {
      const asks = this.#calls.take(lane, this.#parts.clock.now());
      if (asks !== undefined && asks.open > 0 && outcome === outcomeIndex.timeout)
        lane.message += '; an answer of the script to a request of the server was not due yet';
      if (asks !== undefined && !lane.warmup) {
        const { operation } = lane.template;
        this.recorder.call(operation, asks.rounds + 1);
        if (outcome === 0) this.recorder.times(operation, asks.ownMs, lane.endMs - lane.sentMs - asks.ownMs);
      }
    }
    owner.settled(lane, outcome);
  }

  #answer({ id, method }: { id: string | number; method: string }, from: AskedFrom): void {
    const { clock } = this.#parts;
    const arrivedMs = clock.now();
    this.#count(method, 'received');
    const flooded = this.#waiting >= mostAtOnce;
    const reply = method === 'ping' || flooded ? undefined : this.#script.next(method);
    const { lane } = from;
    const sentMs = lane?.sentMs ?? 0;
    if (lane !== undefined && this.scripted) this.#calls.begin(lane, arrivedMs);
    const refused = method !== 'ping' && (reply === undefined || 'error' in reply);
    const outcome =
      method === 'ping'
        ? { result: {} }
        : reply === undefined
          ? { error: refusal(method, flooded) }
          : 'error' in reply
            ? { error: reply.error }
            : { result: reply.result };
    const send = () => {
      this.recorder.answered(clock.now() - arrivedMs);
      if (lane !== undefined) this.#calls.end(lane, sentMs, clock.now());
      this.#delivered(method, refused, from.deliver(JSON.stringify({ jsonrpc: '2.0', id, ...outcome })));
    };
    const delayMs = reply?.delayMs ?? 0;
    if (delayMs === 0) {
      send();
      return;
    }
    this.#waiting++;
    const cancelTimer = afterAtLeast(clock, delayMs, () => {
      this.#waiting--;
      this.#forget(from.scope, id);
      send();
    });
    this.#dueIn(from.scope).set(id, {
      cancel: () => {
        cancelTimer();
        this.#waiting--;
        if (lane !== undefined) this.#calls.end(lane, sentMs, clock.now());
        this.#count(method, 'cancelled');
      },
    });
  }

  #delivered(method: string, refused: boolean, delivery: Promise<boolean> | boolean): void {
    const what = refused ? 'refused' : 'answered';
    if (typeof delivery === 'boolean') {
      this.#count(method, delivery ? what : 'undelivered');
      return;
    }
    // Counted as it is sent: a server may well end its call, and we the load, before it has said that it took the answer.
    this.#count(method, what);
    this.#waiting++;
    void delivery.then((taken) => {
      this.#waiting--;
      if (taken) return;
      this.#count(method, what, -1);
      this.#count(method, 'undelivered');
    });
  }

  /** The server no longer wants an answer, and gets none (2025-11-25, "Cancellation"). */
  #cancelled(id: unknown, scope: object): void {
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const due = this.#due.get(scope)?.get(id);
    this.#forget(scope, id);
    due?.cancel();
  }

  #forget(scope: object, id: string | number): void {
    const due = this.#due.get(scope);
    due?.delete(id);
    if (due?.size === 0) this.#due.delete(scope);
  }

  #dueIn(scope: object): Map<string | number, Due> {
    let due = this.#due.get(scope);
    if (due === undefined) this.#due.set(scope, (due = new Map<string | number, Due>()));
    return due;
  }

  #count(method: string, what: keyof AskCounts, by = 1): void {
    if (!this.#over) this.recorder.count(method, what, by);
  }
}

function refusal(method: string, flooded: boolean): { code: number; message: string } {
  if (flooded) return { code: -32603, message: `mcp-dyno answers ${mostAtOnce} requests at once, no more` };
  return { code: -32601, message: `mcp-dyno has no answer to ${method} in its plan` };
}
