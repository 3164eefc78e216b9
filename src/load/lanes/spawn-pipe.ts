import { spawnChild } from '../../target/index.js';
import type { LoadTarget } from '../load-target.js';
import type { ServerPipe } from './stdio-source.js';

/** Starts a stdio target for the load. */
export function spawnPipe(target: Extract<LoadTarget, { kind: 'stdio' }>): Promise<ServerPipe> {
  return spawnChild(target);
}
