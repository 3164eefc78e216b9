import { Worker } from 'node:worker_threads';
import { DynoError } from '../../core/errors.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import { loadShape } from '../executors/index.js';
import type { LoadTarget } from '../load-target.js';
import type { FromWorker } from '../worker/channel.js';
import { coordinate, type WorkerLink } from './coordinator.js';
import type { LoadReport } from './load-report.js';
import type { LoadHooks, LoadRunner } from './load-runner.js';

/** Runs loads on worker threads of this process. */
export const localRunner: LoadRunner = { run };

/** Threads run compiled code: from a source file they take what the last build made of it. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/load/worker/worker-entry.js' : '../worker/worker-entry.js',
  import.meta.url,
);

async function run(plan: LoadPlan, target: LoadTarget, hooks: LoadHooks = {}): Promise<LoadReport> {
  const shape = loadShape(plan.executor);
  // A thread without a connection would have nothing to do.
  const threads = Math.max(1, Math.min(plan.workers, shape.vus));
  const workers = Array.from({ length: threads }, () => new Worker(entry));
  try {
    return await coordinate(workers.map(link), plan, target, hooks);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function link(worker: Worker): WorkerLink {
  return {
    channel: {
      send: (message) => {
        worker.postMessage(message);
      },
      onMessage: (callback: (message: FromWorker) => void) => {
        worker.on('message', callback);
      },
    },
    onLost: (callback) => {
      worker.once('error', callback);
      worker.once('exit', (code) => {
        callback(
          new DynoError(`A load thread ended unexpectedly (exit code ${code})`, { code: 'load-thread-lost' }),
        );
      });
    },
  };
}
