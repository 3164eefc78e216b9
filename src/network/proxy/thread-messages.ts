import type { CutKind, NetworkConditions } from '../conditions/conditions.js';
import type { Address } from './address.js';
import type { ProxyStats } from './network-proxy.js';

/** What a proxy's thread is started with. Plain data. */
export interface ThreadTask {
  listen: Address;
  upstream: Address;
  conditions: NetworkConditions;
  seed: number;
}

/** What is asked of a proxy in a thread; each is answered with its number. */
export type ToProxyThread = { number: number } & (
  | { ask: 'conditions'; conditions: NetworkConditions }
  | { ask: 'upstream'; upstream: Address }
  | { ask: 'cut'; forMs: number; kind: CutKind }
  | { ask: 'reset' }
  | { ask: 'stats' }
  | { ask: 'close' }
);

/** What it says. */
export type FromProxyThread =
  | { type: 'listening'; address: Address }
  | { type: 'failed'; message: string; hint?: string }
  | { type: 'notice'; sentence: string }
  | { type: 'answer'; number: number; stats?: ProxyStats };
