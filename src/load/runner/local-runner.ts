import type { LoadPlan } from '../../plan/load-plan.js';
import type { StopReport } from '../../target/index.js';
import { loadShape } from '../executors/index.js';
import type { LoadTarget } from '../load-target.js';
import { withStreams } from '../streams/with-streams.js';
import { coordinate } from './coordinator.js';
import type { LoadReport } from './load-report.js';
import type { LoadHooks, LoadRunner, LoadSession } from './load-runner.js';
import { WorkerThread } from './worker-thread.js';

/** Runs loads on worker threads of this process. */
export const localRunner: LoadRunner = {
  run: async (plan, target, hooks) => {
    const session = new LocalSession();
    try {
      return await session.run(plan, target, hooks);
    } finally {
      await session.close();
    }
  },
  session: () => new LocalSession(),
};

/** Loads that share their threads, so that only the first of them starts threads and processes. */
class LocalSession implements LoadSession {
  #threads: WorkerThread[] = [];
  readonly #stops: StopReport[] = [];

  async run(plan: LoadPlan, target: LoadTarget, hooks: LoadHooks = {}): Promise<LoadReport> {
    const shape = loadShape(plan.executor);
    // A thread without a connection would have nothing to do.
    const wanted = Math.max(1, Math.min(plan.workers, shape.vus));
    while (this.#threads.length < wanted) this.#threads.push(new WorkerThread());
    const links = this.#threads.slice(0, wanted).map((thread) => thread.link());
    try {
      return await withStreams(plan, target, hooks, () => coordinate(links, plan, target, hooks, true));
    } catch (error) {
      // What a failed load left behind is nothing to build on.
      await this.#end();
      throw error;
    } finally {
      for (const link of links) link.release();
    }
  }

  async close(): Promise<StopReport[]> {
    await this.#end();
    return this.#stops;
  }

  async #end(): Promise<void> {
    const threads = this.#threads;
    this.#threads = [];
    const stops = await Promise.all(threads.map((thread) => thread.close()));
    this.#stops.push(...stops.flat());
  }
}
