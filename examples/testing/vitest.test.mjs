// Run: npx vitest run --root examples/testing
import { expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { expectServer } from 'mcp-dyno/testing';

const program = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));
// A server of your own stands here: { command: 'node', args: ['build/server.js'] }, or its URL.
const server = { command: process.execPath, args: [program, 'serve', '--stdio'] };

it('answers fast enough', { timeout: 60_000 }, async () => {
  const run = await expectServer(server).toMeet(
    { 'latency.p95': '<500ms', 'single-tool-latency:success_rate': '>=99%' },
    { profile: 'smoke' },
  );
  expect(run.verdict.status).toBe('pass');
});
