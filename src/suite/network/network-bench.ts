import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import {
  clearConditions,
  startProxyThread,
  type NetworkConditions,
  type ProxyControl,
} from '../../network/index.js';
import type { LoadTarget } from '../../load/index.js';
import type { Bench } from '../bench.js';
import { addressOf, viaProxy } from '../through-network.js';

/** A bench whose loads pass a network that can be changed from load to load. */
export class NetworkBench {
  /** Undefined over stdio, where the network is in the pipe. */
  readonly proxy: ProxyControl | undefined;
  readonly #bench: Bench;
  readonly #control = `dyno-network-${randomUUID()}`;
  readonly #seed: number;
  #conditions = clearConditions();

  private constructor(bench: Bench, seed: number, proxy: ProxyControl | undefined) {
    this.#bench = bench;
    this.#seed = seed;
    this.proxy = proxy;
  }

  /** @throws DynoError where no proxy can be started. */
  static async open(bench: Bench, seed: number): Promise<NetworkBench> {
    const { loadTarget } = bench;
    if (loadTarget.kind === 'stdio') return new NetworkBench(bench, seed, undefined);
    const proxy = await startProxyThread({
      listen: { host: '127.0.0.1', port: 0 },
      // With --network there is a network before the target already: this one comes before it.
      upstream: loadTarget.via ?? addressOf(loadTarget.url),
      conditions: clearConditions(),
      seed,
    });
    return new NetworkBench(bench, seed, proxy);
  }

  async set(conditions: NetworkConditions): Promise<void> {
    this.#conditions = conditions;
    await this.proxy?.setConditions(conditions);
  }

  /** Cuts the network from now on: connections are reset and refused, over stdio everything is held back. */
  async cut(forMs: number): Promise<void> {
    if (this.proxy !== undefined) {
      await this.proxy.cut(forMs, 'reset');
      return;
    }
    const channel = new BroadcastChannel(this.#control);
    channel.postMessage({ cutMs: forMs });
    channel.close();
  }

  /**
   * The bench to load now.
   *
   * @param onStart called when the first call is about to be made.
   */
  bench(onStart?: () => void): Bench {
    const bench = this.#bench;
    return {
      spec: bench.spec,
      target: bench.target,
      tools: bench.tools,
      startable: bench.startable,
      loadTarget: this.#target(bench.loadTarget),
      runner: {
        run: (plan, target, hooks) =>
          bench.runner.run(plan, target, {
            ...hooks,
            onStart: (info) => {
              hooks?.onStart?.(info);
              onStart?.();
            },
          }),
      },
      gone: bench.gone,
      stops: bench.stops,
      deaths: bench.deaths,
      ended: () => bench.ended(),
      resources: (pids) => bench.resources(pids),
      lastWords: () => bench.lastWords(),
      connect: (options) => bench.connect(options),
      fresh: (env, args) => bench.fresh(env, args),
    };
  }

  async close(): Promise<void> {
    await this.proxy?.close();
  }

  #target(direct: LoadTarget): LoadTarget {
    if (direct.kind === 'stdio')
      return {
        ...direct,
        network: { conditions: this.#conditions, seed: this.#seed, control: this.#control },
      };
    return this.proxy === undefined ? direct : viaProxy(direct, this.proxy.address);
  }
}
