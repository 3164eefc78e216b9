import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../../core/json.js';
import type { HeldStreamRules } from '../server-types.js';

interface Kept {
  openedMs: number;
  lastEventMs: number;
  end: () => void;
}

/** How often streams are looked at that may have lasted too long, ms. */
const lookMs = 50;

/** The streams that clients hold open (GET, and `subscriptions/listen`), and the rules that a server has for them. @internal */
export class StreamKeeper {
  readonly #rules: HeldStreamRules;
  readonly #kept = new Map<ServerResponse, Kept>();
  #timer: NodeJS.Timeout | undefined;

  constructor(rules: HeldStreamRules = {}) {
    this.#rules = rules;
  }

  /** Whether there are so many that a further one is refused. */
  get full(): boolean {
    return this.#kept.size >= (this.#rules.limit ?? Infinity);
  }

  /** @param end ends the stream in an orderly way. */
  add(response: ServerResponse, end: () => void): void {
    const now = performance.now();
    this.#kept.set(response, { openedMs: now, lastEventMs: now, end });
    this.#rules.onStream?.('opened', response);
    const { idleMs = 0, lifeMs = 0 } = this.#rules;
    if (idleMs > 0 || lifeMs > 0) {
      this.#timer ??= setInterval(() => {
        this.#look(idleMs, lifeMs);
      }, lookMs).unref();
    }
    response.once('close', () => {
      if (this.#kept.delete(response)) this.#rules.onStream?.('ended', response);
      if (this.#kept.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  /** A message is being written; the returned function is called when the system has taken it. */
  readonly sending = (response: ServerResponse, message: JsonObject): (() => void) | undefined => {
    const kept = this.#kept.get(response);
    if (kept === undefined) return undefined;
    kept.lastEventMs = performance.now();
    const { onWritten } = this.#rules;
    if (onWritten === undefined) return undefined;
    return () => {
      onWritten(message);
    };
  };

  #look(idleMs: number, lifeMs: number): void {
    const now = performance.now();
    for (const { openedMs, lastEventMs, end } of this.#kept.values()) {
      if ((idleMs > 0 && now - lastEventMs >= idleMs) || (lifeMs > 0 && now - openedMs >= lifeMs)) end();
    }
  }
}
