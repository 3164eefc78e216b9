import type { ScriptedReply } from '../../plan/config/index.js';

/** Replies by method, as the config's `serverRequests` says; plain data. */
export type ReplyScripts = Readonly<Record<string, readonly ScriptedReply[]>>;

/** The scripted replies of one load thread, taken in turn; the last of a method is used from then on. */
export class ReplyScript {
  readonly #scripts: ReadonlyMap<string, readonly ScriptedReply[]>;
  readonly #turns = new Map<string, number>();

  constructor(scripts: ReplyScripts = {}) {
    this.#scripts = new Map(Object.entries(scripts));
  }

  /** The reply that is due to a request for `method`; undefined where there is no script for it. */
  next(method: string): ScriptedReply | undefined {
    const replies = this.#scripts.get(method);
    if (replies === undefined) return undefined;
    const turn = this.#turns.get(method) ?? 0;
    this.#turns.set(method, turn + 1);
    return replies[Math.min(turn, replies.length - 1)];
  }
}
