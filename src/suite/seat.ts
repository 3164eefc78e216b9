import { messageOf } from '../core/errors.js';
import type { LoadSession } from '../load/index.js';
import type { Bench, OpenedBench } from './bench.js';
import type { Profile } from './suite-test.js';

/** The bench of a run over its tests: a target that ended in one of them is started anew for the next. */
export class Seat {
  #bench: Bench;
  #opened: OpenedBench | undefined;
  #lost: { test: string; how: string } | undefined;
  readonly #sharesProcess: boolean;
  #session: LoadSession | undefined;

  /**
   * @param profile in the smoke profile the loads of all tests go to one process over stdio, as over HTTP in every profile; in
   * longer ones each test starts its own, so that its memory is not what the tests before it left.
   */
  constructor(bench: Bench, profile: Profile) {
    this.#bench = bench;
    this.#sharesProcess = profile === 'smoke' && bench.loadTarget.kind === 'stdio';
  }

  get bench(): Bench {
    return this.#bench;
  }

  /** What the loads of the tests go through one after the other; undefined where each test has its own. */
  get session(): LoadSession | undefined {
    if (!this.#sharesProcess) return undefined;
    return (this.#session ??= this.#bench.runner.session?.());
  }

  /** The session was closed with the test that used it: the next one gets another. */
  endSession(): void {
    this.#session = undefined;
  }

  /** The target ended in the middle of a test. */
  lose(test: string, how: string): void {
    this.#lost = { test, how };
  }

  /** Makes sure that there is a target to measure; if not, why the next test cannot run, in a sentence. */
  async ready(): Promise<{ status: 'skipped' | 'error'; reason: string } | undefined> {
    const lost = this.#lost;
    if (lost === undefined) return undefined;
    if (!this.#bench.startable) {
      const why = await this.#bench.ended();
      if (why === undefined) {
        this.#lost = undefined;
        return undefined;
      }
      const reason = `the target ended in the middle of ${lost.test}, and as it is given by its URL it cannot be started anew (${why})`;
      return { status: 'skipped', reason };
    }
    try {
      // Over stdio every test starts its own processes: the next one has a fresh target anyway.
      if (this.#bench.gone.aborted) await this.#renew();
    } catch (error) {
      const reason = `the target ended in the middle of ${lost.test} and could not be started anew: ${messageOf(error)}`;
      return { status: 'error', reason };
    }
    this.#lost = undefined;
    return undefined;
  }

  /** Stops what was started anew. */
  async close(): Promise<void> {
    await this.#session?.close();
    await this.#opened?.close();
  }

  async #renew(): Promise<void> {
    const bench = await this.#bench.fresh();
    await bench.ready();
    await this.#opened?.close();
    this.#opened = bench;
    this.#bench = bench;
  }
}
