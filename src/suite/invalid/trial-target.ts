import { sleep } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import type { McpConnection } from '../../protocol/index.js';
import type { Bench, OpenedBench } from '../bench.js';

/** How long a target may take to show that it is still there, ms. */
const aliveMs = 2000;

/** A target that may be broken: one of its own where dyno can start it, and a new one after each break. */
export class TrialTarget {
  readonly #bench: Bench;
  #own: OpenedBench | undefined;
  #connection: McpConnection | undefined;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /**
   * The connection to make calls over.
   *
   * @throws DynoError (111) when the target cannot be reached or started.
   */
  async connection(): Promise<McpConnection> {
    if (this.#connection !== undefined) return this.#connection;
    if (this.#bench.startable) {
      this.#own = await this.#bench.fresh();
      this.#connection = this.#own.connection;
    } else this.#connection = await this.#bench.connect();
    return this.#connection;
  }

  /** Whether it still answers other requests over the same connection. */
  async answers(): Promise<boolean> {
    try {
      await this.#connection?.request('tools/list', {}, { timeoutMs: aliveMs });
      return this.#connection !== undefined;
    } catch {
      return false;
    }
  }

  /** How it ended, in words, where it did; the connection alone may have. */
  async ended(): Promise<string | undefined> {
    const own = this.#own;
    if (own?.target.kind === 'stdio') {
      // Only its end closes the pipe.
      const reason = await Promise.race([
        this.#connection?.closed.then((end) => end.reason),
        sleep(aliveMs / 2).then(() => undefined),
      ]);
      return reason === undefined ? undefined : withWords(reason, own.lastWords());
    }
    return await (own ?? this.#bench).ended();
  }

  /** Ends what is left of it; the next {@link TrialTarget.connection} is to a new one, or one more to the same. */
  async abandon(): Promise<void> {
    const [connection, own] = [this.#connection, this.#own];
    this.#connection = undefined;
    this.#own = undefined;
    await connection?.close().catch(() => undefined);
    await own?.close().catch((error: unknown) => messageOf(error));
  }
}

function withWords(reason: string, stderr: string): string {
  const said = printableLine(stderr.trim().slice(-300), 300);
  return said === '' || reason.includes(said.slice(-40))
    ? reason
    : `${reason}; its last words on stderr: ${said}`;
}
