import { FineWall } from '../core/fine-wall.js';
import type { McpServer } from '../protocol/index.js';
import type { StreamTruth } from './counting/stream-truth.js';
import type { ReferenceKnobs } from './knobs/knobs.js';
import type { DeadlineQueue } from './timing/deadline-queue.js';

/** The resource that changes by the clock. */
export const tickUri = 'dyno://tick';

type TickKnobs = Pick<ReferenceKnobs, 'tickMs' | 'tickDelayMs' | 'loseTicks' | 'repeatTicks'>;

/**
 * Changes {@link tickUri} at every whole multiple of `tickMs` on the wall clock, so that a listener on the same machine
 * knows when each update was due. Each notification carries in its `_meta` when that was (`dyno/sentAtMs`, as the clock
 * really stood) and its number (`dyno/sequence`). Some can be sent late, twice, or not at all.
 *
 * @returns a function that ends it.
 */
export function tickRegularly(
  server: McpServer,
  { tickMs, tickDelayMs, loseTicks, repeatTicks }: TickKnobs,
  queue: DeadlineQueue,
  truth: StreamTruth,
): () => void {
  const wallOffset = Date.now() - queue.now();
  const wall = new FineWall();
  const lost = evenly(loseTicks);
  const repeated = evenly(repeatTicks);
  let index = Math.floor(Date.now() / tickMs);
  let sequence = 0;
  let ended = false;
  server.resource(
    { uri: tickUri, name: 'tick', description: `Changes every ${tickMs} ms`, mimeType: 'application/json' },
    (uri) => ({
      contents: [
        { uri, mimeType: 'application/json', text: JSON.stringify({ index, dueAtMs: index * tickMs }) },
      ],
    }),
  );
  const send = (meta: { 'dyno/sentAtMs': number; 'dyno/sequence': number }) => {
    if (ended) return;
    if (lost()) {
      truth.tick('lost');
      return;
    }
    truth.tick('sent');
    server.resourceUpdated(tickUri, meta);
    if (repeated()) {
      truth.tick('repeated');
      server.resourceUpdated(tickUri, meta);
    }
  };
  const plan = () => {
    queue.add((index + 1) * tickMs - wallOffset, () => {
      if (ended) return;
      index = Math.max(index + 1, Math.floor((queue.now() + wallOffset) / tickMs));
      const stampedMs = performance.now();
      const meta = { 'dyno/sentAtMs': wall.at(stampedMs), 'dyno/sequence': ++sequence };
      truth.stamped(sequence, stampedMs);
      if (tickDelayMs === 0) send(meta);
      else
        queue.add(queue.now() + tickDelayMs, () => {
          send(meta);
        });
      plan();
    });
  };
  plan();
  return () => {
    ended = true;
  };
}

/** True for this share of the calls, evenly spread. */
function evenly(share: number): () => boolean {
  let due = 0;
  return () => {
    due += share;
    if (due < 1 - 1e-9) return false;
    due -= 1;
    return true;
  };
}
