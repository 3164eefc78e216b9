import type { JsonObject } from '../../core/json.js';
import { isJsonObject } from '../../core/json.js';
import { FineHistogram, type PublishedHistogram } from './fine-histogram.js';

/** What the reference server counted of the streams that clients hold open. */
export interface StreamTruthStats {
  opened: number;
  ended: number;
  open: number;
  refused: number;
  /** Ticks that were sent to all streams, those that were lost on purpose, and those that were sent twice. */
  ticks: { sent: number; lost: number; repeated: number };
  /** From a tick's time stamp until the system had taken it for a stream: one entry for each tick and stream. */
  delivery: PublishedHistogram;
}

/** Stamps are remembered for so many ticks. */
const remembered = 256;

/** Counts streams and what is sent on them. */
export class StreamTruth {
  #streams = { opened: 0, ended: 0, open: 0, refused: 0 };
  #ticks = { sent: 0, lost: 0, repeated: 0 };
  #delivery = new FineHistogram();
  readonly #stamps = new Map<number, number>();

  stream(change: 'opened' | 'ended' | 'refused'): void {
    this.#streams[change]++;
    if (change !== 'refused') this.#streams.open += change === 'opened' ? 1 : -1;
  }

  tick(what: 'sent' | 'lost' | 'repeated'): void {
    this.#ticks[what]++;
  }

  /** @param stampedMs of `performance.now()`. */
  stamped(sequence: number, stampedMs: number): void {
    this.#stamps.set(sequence, stampedMs);
    if (this.#stamps.size > remembered) this.#stamps.delete(this.#stamps.keys().next().value!);
  }

  /** The system has taken this message for a stream. */
  readonly written = ({ params }: JsonObject): void => {
    const meta = isJsonObject(params) ? params['_meta'] : undefined;
    const sequence = isJsonObject(meta) ? meta['dyno/sequence'] : undefined;
    const stampedMs = typeof sequence === 'number' ? this.#stamps.get(sequence) : undefined;
    if (stampedMs !== undefined) this.#delivery.record(performance.now() - stampedMs);
  };

  reset(): void {
    this.#streams = { opened: 0, ended: 0, open: this.#streams.open, refused: 0 };
    this.#ticks = { sent: 0, lost: 0, repeated: 0 };
    this.#delivery = new FineHistogram();
  }

  publish(): StreamTruthStats {
    return { ...this.#streams, ticks: { ...this.#ticks }, delivery: this.#delivery.publish() };
  }
}
