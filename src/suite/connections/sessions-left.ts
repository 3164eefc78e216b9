import { HttpPool } from '../../protocol/http/index.js';
import type { LoadTarget } from '../../load/index.js';

/** How long one of these requests may take, ms. */
const timeoutMs = 5000;
/** Requests under way at once. */
const atOnce = 16;

/** What became of sessions that their clients closed. */
export interface SessionEnds {
  /** They answer no more. */
  ended: number;
  /** They answer, and the server does not let clients end sessions (405, 501), as the specification allows. */
  refused: number;
  /** They answer although a DELETE was accepted. */
  left: number;
  /** Not known: no answer, or a strange one. */
  unknown: number;
}

/** Calls each of these closed sessions: one that was ended answers no more; one that does is told to end again. Never rejects. */
export async function sessionsLeft(
  target: Extract<LoadTarget, { kind: 'http' }>,
  ids: readonly string[],
): Promise<SessionEnds> {
  const ends: SessionEnds = { ended: 0, refused: 0, left: 0, unknown: 0 };
  const pool = new HttpPool({
    origin: target.url,
    maxConnections: atOnce,
    ...(target.tls === undefined ? {} : { tls: target.tls }),
  });
  const { pathname, search } = new URL(target.url);
  const send = async (method: string, id: string, body?: string): Promise<number> => {
    const answer = await pool.request({
      method,
      path: `${pathname}${search}`,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': target.protocolVersion,
        'mcp-session-id': id,
        ...target.headers,
      },
      timeoutMs,
      ...(body === undefined ? {} : { body }),
    });
    const { status } = answer;
    if (answer.headers.get('content-type')?.includes('event-stream') === true) answer.cancel();
    else await answer.text();
    return status;
  };
  const ping = (id: string) => send('POST', id, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }));
  const look = async (id: string): Promise<keyof SessionEnds> => {
    const status = await ping(id);
    if (status === 404 || status === 400) return 'ended';
    if (!isOk(status)) return 'unknown';
    const deleted = await send('DELETE', id);
    if (deleted === 405 || deleted === 501) return 'refused';
    // The first DELETE may have been lost; this one was accepted, or the session is already unknown.
    return isOk(await ping(id)) ? 'left' : 'ended';
  };
  let next = 0;
  const worker = async () => {
    while (next < ids.length) {
      const id = ids[next++]!;
      ends[await look(id).catch(() => 'unknown' as const)]++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await pool.close();
  return ends;
}

function isOk(status: number): boolean {
  return status >= 200 && status < 300;
}
