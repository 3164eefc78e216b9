import { Worker } from 'node:worker_threads';
import { DynoError, usageError } from '../../core/index.js';
import type { CutKind, NetworkConditions } from '../conditions/conditions.js';
import type { Address } from './address.js';
import type { ProxyControl, ProxyOptions, ProxyStats } from './network-proxy.js';
import type { FromProxyThread, ThreadTask, ToProxyThread } from './thread-messages.js';

/** Threads run compiled code: from a source file they take what the last build made of it. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/network/proxy/thread-entry.js' : './thread-entry.js',
  import.meta.url,
);

/** What is asked, without its number. */
type Ask = ToProxyThread extends infer Each
  ? Each extends ToProxyThread
    ? Omit<Each, 'number'>
    : never
  : never;

/**
 * A proxy in a thread of its own, so that it neither disturbs the load nor is disturbed by whoever draws.
 *
 * @throws DynoError (104) where it cannot listen.
 */
export async function startProxyThread(options: Omit<ProxyOptions, 'tap'>): Promise<ProxyControl> {
  const { listen, upstream, conditions, seed = 1, onNotice } = options;
  const task: ThreadTask = { listen, upstream, conditions, seed };
  const worker = new Worker(entry, { workerData: task });
  const address = await new Promise<Address>((resolve, reject) => {
    worker.once('message', (message: FromProxyThread) => {
      if (message.type === 'listening') resolve(message.address);
      else if (message.type === 'failed') reject(usageError(message.message, message.hint));
    });
    worker.once('error', reject);
  }).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  return new ProxyThread(worker, address, onNotice);
}

class ProxyThread implements ProxyControl {
  readonly address: Address;
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (stats: ProxyStats | undefined) => void; reject: (error: Error) => void }
  >();
  #next = 0;
  #ended = false;

  constructor(worker: Worker, address: Address, onNotice: ProxyOptions['onNotice']) {
    this.#worker = worker;
    this.address = address;
    worker.on('message', (message: FromProxyThread) => {
      if (message.type === 'notice') onNotice?.(message.sentence);
      else if (message.type === 'answer') {
        this.#waiting.get(message.number)?.resolve(message.stats);
        this.#waiting.delete(message.number);
      }
    });
    worker.removeAllListeners('error');
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      this.#ended = true;
      for (const { reject } of this.#waiting.values()) reject(ended());
      this.#waiting.clear();
    });
  }

  async setConditions(conditions: NetworkConditions): Promise<void> {
    await this.#ask({ ask: 'conditions', conditions });
  }

  async setUpstream(upstream: Address): Promise<void> {
    await this.#ask({ ask: 'upstream', upstream });
  }

  async cut(forMs: number, kind: CutKind): Promise<void> {
    await this.#ask({ ask: 'cut', forMs, kind });
  }

  async resetAll(): Promise<void> {
    await this.#ask({ ask: 'reset' });
  }

  async stats(): Promise<ProxyStats> {
    return (await this.#ask({ ask: 'stats' }))!;
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    await this.#ask({ ask: 'close' }).catch(() => undefined);
    await this.#worker.terminate();
  }

  #ask(ask: Ask): Promise<ProxyStats | undefined> {
    if (this.#ended) return Promise.reject(ended());
    const number = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#worker.postMessage({ ...ask, number });
    });
  }
}

function ended(): DynoError {
  return new DynoError('The thread of the simulated network has ended', { code: 'network-lost' });
}
