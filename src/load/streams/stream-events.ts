import type { SseEvent } from '../../protocol/framing/index.js';
import { EventReader, type ReadEvent } from './read-event.js';
import { EventRounds } from './event-rounds.js';
import type { FineWall } from '../../core/fine-wall.js';
import type { HeldStream } from './held-stream.js';
import type { StreamReport } from './stream-report.js';
import { StreamTimes } from './stream-times.js';

type Counts = Pick<
  StreamReport,
  | 'events'
  | 'requests'
  | 'stamped'
  | 'gaps'
  | 'duplicates'
  | 'disordered'
  | 'malformed'
  | 'unacknowledged'
  | 'fromTheFuture'
>;

/** Clocks of one machine agree to this; a stamp that is later than its arrival by more is another clock's, ms. */
const leewayMs = 1;

/** Counts and times what arrives on streams. */
export class StreamEvents {
  readonly counts: Counts = {
    events: 0,
    requests: 0,
    stamped: 0,
    gaps: 0,
    duplicates: 0,
    disordered: 0,
    malformed: 0,
    unacknowledged: 0,
    fromTheFuture: 0,
  };
  readonly firstEvent = new StreamTimes();
  readonly latency = new StreamTimes();
  readonly spread = new StreamTimes();
  readonly #rounds = new EventRounds((ms) => {
    this.spread.record(ms);
  });
  readonly #reader = new EventReader();
  readonly #wall: FineWall;

  constructor(wall: FineWall) {
    this.#wall = wall;
  }

  /** Takes one event, and says what it was; undefined for one without data, which only carries an id. */
  take(stream: HeldStream, { data, id }: SseEvent, nowMs: number): ReadEvent | undefined {
    if (data === '') return undefined;
    const read = this.#reader.read(data);
    if (read.kind === 'malformed') this.counts.malformed++;
    if (read.kind === 'event') {
      if (stream.state === 'open') this.#count(stream, read, id, nowMs);
      else this.counts.unacknowledged++;
    }
    return read;
  }

  /** Event rounds that have come to rest are closed; `all` of them at the end. */
  sweep(nowMs: number, all = false): void {
    this.#rounds.sweep(nowMs, all);
  }

  #count(
    stream: HeldStream,
    event: Extract<ReadEvent, { kind: 'event' }>,
    id: string | undefined,
    nowMs: number,
  ): void {
    const { counts } = this;
    counts.events++;
    if (event.id !== undefined) counts.requests++;
    if (stream.events === 0) this.firstEvent.record(nowMs - stream.openedMs);
    stream.events++;
    stream.lastEventMs = nowMs;
    this.#inOrder(stream, event.sequence, id);
    if (event.sentAtMs !== undefined) {
      const latency = this.#wall.at(nowMs) - event.sentAtMs;
      if (latency < -leewayMs) counts.fromTheFuture++;
      counts.stamped++;
      this.latency.record(Math.max(0, latency));
    }
    this.#rounds.arrived(event.key, stream.index, stream.openedMs, nowMs);
  }

  #inOrder(stream: HeldStream, sequence: number | undefined, id: string | undefined): void {
    const { lastSequence, lastId } = stream;
    if (sequence !== undefined) {
      if (lastSequence === sequence) this.counts.duplicates++;
      else if (lastSequence !== undefined && sequence < lastSequence) this.counts.disordered++;
      else {
        if (lastSequence !== undefined) this.counts.gaps += sequence - lastSequence - 1;
        stream.lastSequence = sequence;
      }
    } else if (id !== undefined) {
      if (id === lastId) this.counts.duplicates++;
      stream.lastId = id;
    }
  }
}
