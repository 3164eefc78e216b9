import type { RecorderDelta } from '../recording/recorder.js';
import type { DropPattern } from './drop-pattern.js';

/** How an open stream came to its end without our doing. */
export type DropKind =
  /** The server ended the answer, as it may. */
  | 'ended'
  /** The connection was closed in the middle of the answer, or reset. */
  | 'cut'
  /** What came was no event stream. */
  | 'parse';

/** How often something happened, with the words for it. */
export interface Told {
  why: string;
  count: number;
}

/** What became of streams that were held open; plain data. Times are ms. */
export interface StreamReport {
  wanted: number;
  /** Streams that were open at some time. */
  opened: number;
  /** Streams that are open now. */
  held: number;
  /** The most that were open at once. */
  heldMost: number;
  /** Attempts that failed, each reason with its count. */
  refused: number;
  refusals: Told[];
  /** Streams that ended without our doing. None is opened again. */
  dropped: number;
  drops: (Told & { kind: DropKind })[];
  /** What the drops have in common. */
  pattern?: DropPattern;
  /** Why no more were opened, where fewer were than wanted. */
  limit?: string;
  /** The target has no event streams: the reason it gave to the first attempt. */
  notOffered?: string;
  /** Notifications and requests of the server on all streams; acknowledgements and results are none. */
  events: number;
  /** Requests of the server among them, which were answered. */
  requests: number;
  /** Events with a time stamp, which alone have a latency. */
  stamped: number;
  /** Events on the stream that had fewest and on the one that had most. */
  leastEvents: number;
  mostEvents: number;
  /** Numbers that are missing between two events of a stream. */
  gaps: number;
  /** Events that came with the number or id of the one before. */
  duplicates: number;
  /** Events with a lower number than the one before. */
  disordered: number;
  /** Events that were no JSON-RPC message. */
  malformed: number;
  /** Resources that could not be subscribed to, by reason. */
  unsubscribed: Told[];
  /** Streams of the stateless era that did not begin with their acknowledgement. */
  unacknowledged: number;
  /** Until the answer's head came; in the stateless era until the acknowledgement. */
  open?: RecorderDelta;
  /** From the open stream to its first event. */
  firstEvent?: RecorderDelta;
  /** From the time stamp to the arrival here. */
  latency?: RecorderDelta;
  /** Between the first and the last stream that the same event came to. */
  spread?: RecorderDelta;
  /** Events whose stamp was later than their arrival: the clocks differ. */
  fromTheFuture: number;
  /** How late timers of the thread were that holds the streams; event latencies may be too long by that. */
  loopLagP99Ms: number;
}
