import type { ExchangeSample, Failure } from '../../core/run-result.js';
import { failureClasses } from '../../core/outcome.js';

const maxMessages = 200;
const samplesPerClass = 3;
const maxSampleLength = 2000;

/** A failing exchange before redaction, and where it happened. */
export interface FailureEvent {
  /** Index into `failureClasses`. */
  failure: number;
  operation: string;
  message: string;
  /** Milliseconds from the start of the load. */
  atMs: number;
  request: string;
  response: string;
}

/** Failures by class and message, with up to three whole exchanges of each class; bounded however many there are. */
export class FailureLog {
  #failures = new Map<string, Failure>();
  #samples: ExchangeSample[] = [];
  readonly #taken = new Map<number, number>();

  /** Adds one failed call. */
  add(event: FailureEvent): void {
    const failureClass = failureClasses[event.failure]!;
    let message = event.message.length > 300 ? `${event.message.slice(0, 300)}…` : event.message;
    let key = `${failureClass} ${message}`;
    if (!this.#failures.has(key) && this.#failures.size >= maxMessages) {
      message = '(further messages)';
      key = `${failureClass} ${message}`;
    }
    const known = this.#failures.get(key);
    if (known === undefined) {
      this.#failures.set(key, {
        class: failureClass,
        message,
        count: 1,
        firstAt: event.atMs,
        lastAt: event.atMs,
      });
    } else {
      known.count++;
      known.lastAt = event.atMs;
    }
    const taken = this.#taken.get(event.failure) ?? 0;
    if (taken < samplesPerClass) {
      this.#taken.set(event.failure, taken + 1);
      this.#samples.push({
        class: failureClass,
        operation: event.operation,
        request: cut(event.request),
        response: cut(event.response),
        at: event.atMs,
      });
    }
  }

  /** Hands over what came since the last call. */
  drain(): { failures: Failure[]; samples: ExchangeSample[] } {
    const drained = { failures: [...this.#failures.values()], samples: this.#samples };
    this.#failures = new Map();
    this.#samples = [];
    return drained;
  }
}

/** Adds up failures from several logs or ticks, most frequent first; bounded as one log is. */
export class FailureTotals {
  readonly #failures = new Map<string, Failure>();
  readonly #samples: ExchangeSample[] = [];

  /** Adds what a log drained. */
  add({ failures, samples }: { failures: readonly Failure[]; samples: readonly ExchangeSample[] }): void {
    for (const failure of failures) {
      const full = this.#failures.size >= maxMessages;
      const exact = `${failure.class} ${failure.message}`;
      const key = full && !this.#failures.has(exact) ? `${failure.class} (further messages)` : exact;
      const known = this.#failures.get(key);
      if (known === undefined) {
        const message = key === exact ? failure.message : '(further messages)';
        this.#failures.set(key, { ...failure, message });
      } else {
        known.count += failure.count;
        known.firstAt = Math.min(known.firstAt, failure.firstAt);
        known.lastAt = Math.max(known.lastAt, failure.lastAt);
      }
    }
    for (const sample of samples) {
      const same = this.#samples.filter((each) => each.class === sample.class).length;
      if (same < samplesPerClass) this.#samples.push(sample);
    }
  }

  /** All failures, most frequent first. */
  get failures(): Failure[] {
    return [...this.#failures.values()].sort((a, b) => b.count - a.count);
  }

  /** Up to three exchanges of each class. */
  get samples(): ExchangeSample[] {
    return [...this.#samples];
  }
}

function cut(text: string): string {
  return text.length > maxSampleLength
    ? `${text.slice(0, maxSampleLength)}… (${text.length} characters)`
    : text;
}
