import type { Clock } from '../../core/clock.js';
import { messageOf, usageError } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import type { ToolRecord } from './types.js';

/** Turns texts into vectors of one length, in their order; the user's own model. */
export type Embed = (texts: string[], signal: AbortSignal) => Promise<ArrayLike<number>[]>;

/** How vectors are made. */
export interface VectorOptions {
  embed: Embed;
  /** Texts handed over at once; 64. */
  batchSize?: number | undefined;
  /** How long one call of `embed` may take, in milliseconds; 10,000 for tools, 500 for a query. */
  toolsTimeoutMs?: number | undefined;
  queryTimeoutMs?: number | undefined;
}

/** Of a description, so much is embedded. */
const longestText = 2_000;

/** Vectors of tools, made in the background, searched by cosine over all of them. */
export class VectorIndex {
  readonly #embedTexts: Embed;
  readonly #batchSize: number;
  readonly #toolsTimeoutMs: number;
  readonly #queryTimeoutMs: number;
  readonly #clock: Clock;
  readonly #vectors = new Map<string, Float32Array>();
  readonly #waiting = new Map<string, ToolRecord>();
  #dimensions: number | undefined;
  #working: Promise<void> | undefined;
  #closed = false;
  #error: string | undefined;

  constructor(options: VectorOptions, clock: Clock) {
    this.#clock = clock;
    this.#embedTexts = options.embed;
    this.#batchSize = options.batchSize ?? 64;
    this.#toolsTimeoutMs = options.toolsTimeoutMs ?? 10_000;
    this.#queryTimeoutMs = options.queryTimeoutMs ?? 500;
    if (!Number.isInteger(this.#batchSize) || this.#batchSize < 1) {
      throw usageError(
        `Expected \`batchSize\` to be a whole number from 1, got ${String(options.batchSize)}`,
      );
    }
  }

  /** How many tools have a vector, how many wait for one, and why the last attempt failed. */
  get status(): { ready: number; waiting: number; error: string | undefined } {
    return { ready: this.#vectors.size, waiting: this.#waiting.size, error: this.#error };
  }

  /** Asks for the vector of a new or changed tool; until it is there the old one, if any, is not used. */
  want(record: ToolRecord): void {
    this.#vectors.delete(record.id);
    this.#waiting.set(record.id, record);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  delete(id: string): void {
    this.#vectors.delete(id);
    this.#waiting.delete(id);
  }

  /** Resolves when no tool waits, or when embedding failed. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** The ids nearest to a query, best first; empty where the model did not answer in time. */
  async search(
    query: string,
    limit: number,
    passes: (id: string) => boolean,
    signal?: AbortSignal,
  ): Promise<string[]> {
    if (this.#vectors.size === 0) return [];
    let vector: Float32Array;
    try {
      const [raw] = await this.#embed([query.slice(0, longestText)], this.#queryTimeoutMs, signal);
      vector = this.#unit(raw!);
    } catch (thrown) {
      this.#error = printableLine(messageOf(thrown), 300);
      return [];
    }
    const scored: { id: string; score: number }[] = [];
    for (const [id, other] of this.#vectors) {
      if (!passes(id)) continue;
      let score = 0;
      for (let i = 0; i < other.length; i++) score += vector[i]! * other[i]!;
      scored.push({ id, score });
    }
    scored.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
    return scored.slice(0, limit).map(({ id }) => id);
  }

  close(): void {
    this.#closed = true;
    this.#waiting.clear();
  }

  async #work(): Promise<void> {
    // Tools of one list come one by one; a turn of the loop later they are one batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.size > 0 && !this.#closed) {
      const batch = [...this.#waiting].slice(0, this.#batchSize);
      try {
        const texts = batch.map(([, record]) => textOf(record));
        const vectors = await this.#embed(texts, this.#toolsTimeoutMs);
        const units = vectors.map((vector) => this.#unit(vector, vectors[0]!.length));
        this.#dimensions ??= units[0]!.length;
        batch.forEach(([id, record], i) => {
          // Gone or changed meanwhile: what waits now is another text.
          if (this.#waiting.get(id) !== record || texts[i] !== textOf(record)) return;
          this.#vectors.set(id, units[i]!);
          this.#waiting.delete(id);
        });
        this.#error = undefined;
      } catch (thrown) {
        this.#error = printableLine(messageOf(thrown), 300);
        return;
      }
    }
  }

  async #embed(texts: string[], timeoutMs: number, signal?: AbortSignal): Promise<ArrayLike<number>[]> {
    const controller = new AbortController();
    const abort = () => {
      controller.abort(signal?.reason);
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const cancel = this.#clock.after(timeoutMs, () => {
      controller.abort(new Error(`The embedding function gave no answer within ${timeoutMs} ms`));
    });
    try {
      const vectors = await new Promise<ArrayLike<number>[]>((resolve, reject) => {
        const ended = () => {
          reject(controller.signal.reason as Error);
        };
        if (controller.signal.aborted) ended();
        controller.signal.addEventListener('abort', ended, { once: true });
        this.#embedTexts(texts, controller.signal).then(resolve, reject);
      });
      if (!Array.isArray(vectors) || vectors.length !== texts.length) {
        throw new Error(`The embedding function answered no list of ${texts.length} vectors`);
      }
      return vectors;
    } finally {
      cancel();
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Scaled to length 1, so that the dot product is the cosine. */
  #unit(raw: ArrayLike<number>, first = raw.length): Float32Array {
    const expected = this.#dimensions ?? first;
    if (raw.length !== expected || raw.length === 0) {
      throw new Error(`The embedding function gave ${raw.length} numbers after vectors of ${expected}`);
    }
    const vector = Float32Array.from(raw);
    let square = 0;
    for (const value of vector) square += value * value;
    if (!Number.isFinite(square) || square === 0) {
      throw new Error('The embedding function gave a vector without a direction');
    }
    const scale = 1 / Math.sqrt(square);
    return vector.map((value) => value * scale);
  }
}

function textOf({ name, tool }: ToolRecord): string {
  return `${name} ${tool.title ?? ''} ${(tool.description ?? '').slice(0, longestText)}`;
}
