import { usageError } from '../../core/errors.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { LoadTarget } from '../load-target.js';
import type { LoadReport } from '../runner/load-report.js';
import type { LoadHooks } from '../runner/load-runner.js';
import { StreamThread } from './stream-thread.js';

/**
 * Runs a load while event streams are held: all are opened before its first call and closed after its last.
 *
 * @throws DynoError (104) where the target is spoken to over something else than streamable HTTP, or has no streams.
 */
export async function withStreams(
  plan: LoadPlan,
  target: LoadTarget,
  hooks: LoadHooks,
  run: () => Promise<LoadReport>,
): Promise<LoadReport> {
  const { streams } = plan;
  if (streams === undefined || streams.count === 0) return await run();
  const fault = noStreamsOver(target);
  if (fault !== undefined) throw usageError(`--streams: ${fault}`, 'Leave out --streams.');
  const thread = new StreamThread({
    target: target as Extract<LoadTarget, { kind: 'http' }>,
    resources: streams.resources,
    openTimeoutMs: plan.startTimeoutMs ?? 30_000,
  });
  let closed = false;
  try {
    const stops = [hooks.stop, hooks.abort].flatMap((signal) => signal ?? []);
    const opened = await thread.raise(streams.count, AbortSignal.any(stops));
    if (opened.notOffered !== undefined) {
      throw usageError(
        `--streams: the target has no event streams (the request for one was answered with ${opened.notOffered})`,
        'Leave out --streams.',
      );
    }
    const report = await run();
    closed = true;
    const held = await thread.close();
    return held === undefined ? report : { ...report, streams: held };
  } finally {
    if (!closed) await thread.close();
  }
}

/** Why there are no event streams to hold, as part of a sentence; undefined where there may be. */
export function noStreamsOver({ kind }: LoadTarget): string | undefined {
  if (kind === 'stdio') return 'over stdio there is one pipe and no event stream beside it';
  return kind === 'sse'
    ? 'over legacy HTTP+SSE every client has its stream already (each connection of a load is one)'
    : undefined;
}
