import { sessionsLeft } from '../connections/sessions-left.js';
import type { Bench } from '../bench.js';
import type { Leftover } from './leftover.js';

/** So many are asked: one that survives tells as much as a thousand. */
const most = 16;

/**
 * Asks sessions that a test opened and ended whether they still answer, the latest of them; what survived is named. Empty
 * where there are no sessions (stdio, HTTP+SSE, the stateless era, a server that hands out no ids).
 */
export async function leftSessions(
  { loadTarget }: Pick<Bench, 'loadTarget'>,
  ids: readonly string[],
): Promise<Leftover[]> {
  if (ids.length === 0 || loadTarget.kind !== 'http') return [];
  const asked = ids.slice(-most);
  const { left, refused } = await sessionsLeft(loadTarget, asked);
  const found: Leftover[] = [];
  if (left > 0) {
    const they = left === 1 ? 'it answers' : 'they answer';
    const what = `${left} of ${asked.length} sessions were ended with DELETE, which was accepted, and ${they} still`;
    found.push({ kind: 'fault', what });
  }
  if (refused > 0) {
    const what = 'sessions live on: the target does not let clients end them (DELETE is refused)';
    found.push({ kind: 'note', what });
  }
  return found;
}
