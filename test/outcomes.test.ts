import { describe, expect, it } from 'vitest';
import { connect, WireError } from '../src/protocol/index.js';
import { badOutcomes } from '../src/reference/index.js';
import { availableTruthServers, startTruthServer } from './fixtures/truth-servers.js';

const { kinds, missing } = availableTruthServers();
for (const sentence of missing) it.skip(`outcomes of ${sentence}`);

const named: Record<string, string> = badOutcomes;
const forms = { reference: 'sse', independent: 'chunked', 'near-free': 'json' };

describe.each(kinds)('our client on the truth server %s', (kind) => {
  it('names every bad outcome as the server counted it', async () => {
    const names = ['tool', 'rpc', 'schema', 'http', 'throttle', 'garbage', 'wrong-id', 'close', 'hang'];
    const fail = names.map((name) => `${name}=5%`).join(',');
    const server = await startTruthServer(kind, ['--answer', forms[kind], '--fail', fail]);
    const connection = await connect({ kind: 'http', url: server.url }, { timeoutMs: 5000 });
    const seen: Record<string, number> = {};
    for (let i = 0; i < 20; i++) {
      const outcome = await connection
        .callTool('get_inventory', { item_id: 'ITEM001' }, { timeoutMs: 1000 })
        .then(
          ({ isError, structuredContent }) => {
            if (isError === true) return 'tool';
            const broken =
              structuredContent !== undefined && !JSON.stringify(structuredContent).includes('ITEM001');
            return broken ? 'schema' : 'ok';
          },
          (error: unknown) => (error instanceof WireError ? error.outcome : String(error)),
        );
      seen[outcome] = (seen[outcome] ?? 0) + 1;
    }
    await connection.close();
    const { outcomes, calls } = await server.stats();
    await server.stop();
    expect(calls).toBe(20);
    const counted = Object.entries(outcomes).filter(([, count]) => count > 0);
    expect(counted).toHaveLength(10);
    expect(seen).toEqual(Object.fromEntries(counted.map(([name, count]) => [named[name] ?? name, count])));
  });
});
