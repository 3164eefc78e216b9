import { expect, it } from 'vitest';
import { connect, McpServer } from '../../src/protocol/index.js';
import { pipeTo } from './transports.js';

it('large messages both ways at once neither deadlock nor warn', async () => {
  const warnings: string[] = [];
  const warn = (warning: Error) => warnings.push(warning.message);
  process.on('warning', warn);
  const server = new McpServer({ name: 'mirror', version: '1' });
  server.tool({ name: 'echo' }, ({ message }) => String(message));
  const { pipe } = pipeTo(server);
  const connection = await connect({ kind: 'stdio', pipe }, { protocol: '2025-11-25' });
  const signal = new AbortController().signal;
  const message = 'x'.repeat(300_000);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => connection.callTool('echo', { message }, { signal })),
  );
  for (const answer of answers) expect(answer.content[0]?.text).toBe(message);
  await connection.close();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warn);
  expect(warnings).toEqual([]);
});
