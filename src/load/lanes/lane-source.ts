import type { LoadTarget } from '../load-target.js';
import type { SourceOptions } from './http-source.js';
import type { LaneSource } from './lane.js';

/** The source of lanes for a target; loads only the transport that is needed. */
export async function laneSource(target: LoadTarget, options: SourceOptions): Promise<LaneSource> {
  if (target.kind === 'http') {
    const { HttpSource } = await import('./http-source.js');
    return new HttpSource(target, options);
  }
  if (target.kind === 'sse') {
    const { SseSource } = await import('./sse-source.js');
    return new SseSource(target, options);
  }
  const { StdioSource } = await import('./stdio-source.js');
  const { spawnPipe } = await import('./spawn-pipe.js');
  return new StdioSource(target, options, () => spawnPipe(target));
}
