import type { RecorderDelta } from '../recording/recorder.js';
import type { AskedKind } from './asked-kinds.js';

/** What became of a server's requests of one kind. */
export interface AskCounts {
  received: number;
  /** Answered with a result. */
  answered: number;
  /** Answered with an error: by the script, or because there is none for the method. */
  refused: number;
  /** The server did not take the answer. */
  undelivered: number;
  /** Taken back by the server, or by the end of its call, before the answer was due. */
  cancelled: number;
}

/** What was asked for the calls of one operation. */
export interface AskOperationDelta {
  /** Index into the plan's operations. */
  operation: number;
  /** Calls that asked and came to their end; of those over a shared pipe or stream it is not known which asked. */
  calls: number;
  /** Rounds of them all: of input (stateless era) and the last. */
  rounds: number;
  maxRounds: number;
  /** Of ok calls that asked: the part in which the server waited for our answers, and the rest. */
  ownTime?: RecorderDelta;
  serverTime?: RecorderDelta;
}

/** What servers asked in an interval. Plain data. */
export interface AskDelta {
  kinds: Partial<Record<AskedKind, AskCounts>>;
  /** From the arrival of a request until its answer was sent, delays of the script included. */
  answerTime?: RecorderDelta;
  operations: AskOperationDelta[];
  /** Session streams (GET) that were opened for what servers ask outside of calls, and that a server would not open. */
  streams: { opened: number; refused: number };
}

/** No requests yet. */
export function noAskCounts(): AskCounts {
  return { received: 0, answered: 0, refused: 0, undelivered: 0, cancelled: 0 };
}
