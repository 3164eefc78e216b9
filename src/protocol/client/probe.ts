import type { Era, StdioPipe } from '../types.js';
import { latestSessionVersion } from './agreement.js';
import { Connection, type ConnectionParts } from './connection.js';
import { discoverStateless, type TimeLeft } from './handshake.js';
import { StdioLink } from './links/stdio-link.js';

/** A server that has not answered `server/discover` after this long is asked to `initialize` as well, ms. */
const secondQuestionMs = 1000;

/**
 * Asks a throwaway child which era its kind speaks, and ends its stdin. Some servers stay with the era of the first
 * question, so the child that is used later must not be asked this (Python `mcp` 2.3 rejects `initialize` afterwards).
 *
 * A server that ignores unknown requests would never answer; an answer to `initialize` settles it then.
 */
export async function probeEra(
  pipe: StdioPipe,
  parts: Omit<ConnectionParts, 'link'>,
  timeLeft: TimeLeft,
): Promise<Era> {
  const link = new StdioLink(pipe, parts.limits, parts.clock);
  const options = { ...parts.options, onRequest: undefined, onNotification: undefined };
  const connection = new Connection({ ...parts, options, link });
  await link.open();
  let cancel: (() => void) | undefined;
  try {
    const discovered = discoverStateless(connection, { ...parts, options, link }, timeLeft()).then(
      (outcome) => (outcome.kind === 'stateless' ? 'stateless' : 'session'),
    );
    const initialized = new Promise<Era>((resolve) => {
      cancel = parts.clock.after(secondQuestionMs, () => {
        const params = {
          protocolVersion: latestSessionVersion,
          capabilities: {},
          clientInfo: { ...parts.clientInfo },
        };
        const request = { method: 'initialize', params };
        connection.exchange(request, { timeoutMs: timeLeft() }, 'session').then(
          () => {
            resolve('session');
          },
          // Whoever refuses it will still answer the first question.
          () => undefined,
        );
      });
    });
    return await Promise.race([discovered, initialized]);
  } catch {
    // A child that cannot be asked is asked in earnest, where its failure is told in full.
    return 'session';
  } finally {
    cancel?.();
    await connection.close();
  }
}
