import { Recorder } from '../recording/recorder.js';
import { noAskCounts, type AskCounts, type AskDelta, type AskOperationDelta } from './ask-delta.js';
import { kindOf, type AskedKind } from './asked-kinds.js';

interface OperationAsks {
  calls: number;
  rounds: number;
  maxRounds: number;
  ownTime: Recorder | undefined;
  serverTime: Recorder | undefined;
}

/** Counts what servers ask of one load thread. Nothing is allocated before the first request. */
export class AskRecorder {
  #kinds = new Map<AskedKind, AskCounts>();
  #operations = new Map<number, OperationAsks>();
  #answerTime: Recorder | undefined;
  #streams = { opened: 0, refused: 0 };
  #any = false;

  /** Counts a request of the server; `by` -1 takes back what turned out otherwise. */
  count(method: string, what: keyof AskCounts, by = 1): void {
    this.#any = true;
    const kind = kindOf(method);
    let counts = this.#kinds.get(kind);
    if (counts === undefined) this.#kinds.set(kind, (counts = noAskCounts()));
    counts[what] += by;
  }

  /** An answer was sent so long after its request had arrived, ms. */
  answered(ms: number): void {
    (this.#answerTime ??= new Recorder()).record(ms);
  }

  stream(what: 'opened' | 'refused'): void {
    this.#any = true;
    this.#streams[what]++;
  }

  /** A measured call that asked has come to its end after so many rounds. */
  call(operation: number, rounds: number): void {
    const asks = this.#of(operation);
    asks.calls++;
    asks.rounds += rounds;
    if (rounds > asks.maxRounds) asks.maxRounds = rounds;
  }

  /** How the time of an ok call that asked was spent, ms. */
  times(operation: number, ownMs: number, serverMs: number): void {
    const asks = this.#of(operation);
    (asks.ownTime ??= new Recorder()).record(ownMs);
    (asks.serverTime ??= new Recorder()).record(serverMs);
  }

  /** Hands over the interval and begins the next; undefined where nothing was asked. */
  drain(): AskDelta | undefined {
    if (!this.#any && this.#operations.size === 0) return undefined;
    const answerTime = this.#answerTime?.drain();
    const delta: AskDelta = {
      kinds: Object.fromEntries(this.#kinds),
      operations: [...this.#operations].map(([operation, asks]) => drained(operation, asks)),
      streams: this.#streams,
      ...(answerTime === undefined ? {} : { answerTime }),
    };
    this.#any = false;
    this.#kinds = new Map();
    this.#operations = new Map();
    this.#streams = { opened: 0, refused: 0 };
    return delta;
  }

  #of(operation: number): OperationAsks {
    let asks = this.#operations.get(operation);
    if (asks === undefined) {
      asks = { calls: 0, rounds: 0, maxRounds: 0, ownTime: undefined, serverTime: undefined };
      this.#operations.set(operation, asks);
    }
    return asks;
  }
}

function drained(operation: number, asks: OperationAsks): AskOperationDelta {
  const { calls, rounds, maxRounds } = asks;
  const ownTime = asks.ownTime?.drain();
  const serverTime = asks.serverTime?.drain();
  return {
    operation,
    calls,
    rounds,
    maxRounds,
    ...(ownTime === undefined ? {} : { ownTime }),
    ...(serverTime === undefined ? {} : { serverTime }),
  };
}
