// Run: node --test examples/testing/node-test.test.mjs
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { expectServer } from 'mcp-dyno/testing';

const program = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));
// A server of your own stands here: { command: 'node', args: ['build/server.js'] }, or its URL.
const server = { command: process.execPath, args: [program, 'serve', '--stdio'] };

test('carries the load of ten clients', { timeout: 60_000 }, async () => {
  await expectServer(server).toMeet(
    { success_rate: '>99%', throughput: '>1/s' },
    {
      load: { connections: 10, durationMs: 1000 },
      tools: ['get_inventory'],
      args: { get_inventory: { item_id: 'ITEM001' } },
    },
  );
});
