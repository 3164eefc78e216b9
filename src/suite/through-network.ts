import { once } from 'node:events';
import { connect } from 'node:net';
import { messageOf, unreachableError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import type { NetworkConditions, ProxyControl } from '../network/index.js';
import { NetworkPipe, startProxyThread, type Address } from '../network/index.js';
import type { LoadTarget } from '../load/index.js';
import type { OpenTarget } from '../target/index.js';

const reachMs = 10_000;

/** A simulated network before the target. */
export interface TargetNetwork {
  conditions: NetworkConditions;
  seed: number;
}

/** A target behind a network, and what carries it. */
export interface NetworkedTarget {
  target: OpenTarget;
  /** Undefined over stdio, where the network is in each process's pipe. */
  proxy: ProxyControl | undefined;
  /** How load threads reach it. */
  loadTarget(direct: LoadTarget): LoadTarget;
  close(): Promise<void>;
}

/** The host and port that a URL is served at. */
export function addressOf(url: string): Address {
  const { hostname, port, protocol } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}

/**
 * Puts a network before a target: a proxy in a thread of its own before a URL, a stage into every pipe on stdio. What the
 * target's own host is asked for besides (tokens) does not pass it.
 *
 * @throws DynoError (111) where nothing listens at the URL.
 */
export async function throughNetwork(target: OpenTarget, network: TargetNetwork): Promise<NetworkedTarget> {
  const { concrete } = target;
  if (concrete.kind === 'stdio') return throughPipes(target, network);
  await mustBeThere(concrete.url);
  const proxy = await startProxyThread({
    listen: { host: '127.0.0.1', port: 0 },
    upstream: addressOf(concrete.url),
    ...network,
  });
  return {
    target: { ...target, endpoint: () => withVia(target, proxy.address) },
    proxy,
    loadTarget: (direct) => viaProxy(direct, proxy.address),
    close: () => proxy.close(),
  };
}

/** A proxy accepts before it knows whether its server is there, so that is found out first. */
async function mustBeThere(url: string): Promise<void> {
  const socket = connect(addressOf(url));
  const limit = setTimeout(() => {
    socket.destroy(new Error(`no connection within ${reachMs / 1000} s`));
  }, reachMs);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
    throw unreachableError(
      `The target ${redact(url)} cannot be reached: ${refused ? 'connection refused' : messageOf(error)}`,
      'Is the server running, and are host and port right?',
      error,
    );
  } finally {
    clearTimeout(limit);
    socket.destroy();
  }
}

/** The same target, dialled at another address. */
export function viaProxy(direct: LoadTarget, address: Address): LoadTarget {
  return direct.kind === 'stdio' ? direct : { ...direct, via: address };
}

function withVia(target: OpenTarget, via: Address): ReturnType<OpenTarget['endpoint']> {
  const endpoint = target.endpoint();
  return endpoint.kind === 'http' || endpoint.kind === 'sse' ? { ...endpoint, via } : endpoint;
}

function throughPipes(target: OpenTarget, network: TargetNetwork): NetworkedTarget {
  const pipes: NetworkPipe[] = [];
  return {
    target: {
      ...target,
      endpoint: () => {
        const endpoint = target.endpoint();
        if (endpoint.kind !== 'stdio') return endpoint;
        const pipe = new NetworkPipe(endpoint.pipe, network);
        pipes.push(pipe);
        return {
          kind: 'stdio',
          pipe: { stdin: pipe.stdin, stdout: pipe.stdout, exited: endpoint.pipe.exited },
        };
      },
    },
    proxy: undefined,
    loadTarget: (direct) => (direct.kind === 'stdio' ? { ...direct, network } : direct),
    close: () => {
      for (const pipe of pipes) pipe.stop();
      return Promise.resolve();
    },
  };
}
