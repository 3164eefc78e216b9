/**
 * Real servers under names, kept connected: one is killed and is back. Run: node examples/host/client.mjs
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { McpClient } from 'mcp-dyno/host';

const program = (name) => {
  const manifest = createRequire(import.meta.url).resolve(`@modelcontextprotocol/${name}/package.json`);
  return join(dirname(manifest), 'dist/index.js');
};
const stdio = (name, ...args) => ({
  kind: 'stdio',
  command: process.execPath,
  args: [program(name), ...args],
  env: {},
});

const client = new McpClient();
client.onStatus(({ name, state, error, nextAttemptMs }) => {
  if (state === 'connected') console.log(`  [${name}] connected`);
  if (state === 'waiting') console.log(`  [${name}] ${error}; again in ${Math.round(nextAttemptMs)} ms`);
});
await Promise.all([
  client.connectServer('everything', stdio('server-everything', 'stdio')),
  client.connectServer('files', stdio('server-filesystem', dirname(new URL(import.meta.url).pathname))),
  client.connectServer(
    'gone',
    { kind: 'http', url: 'http://127.0.0.1:1/mcp', headers: {} },
    { keepTrying: true },
  ),
]);
const { tools, failed } = await client.listAllTools({ timeoutMs: 5000 });
console.log(`${tools.length} tools; not there: ${failed.map(({ server }) => server).join(', ')}`);

const { pid } = client.server('everything');
process.kill(pid, 'SIGKILL');
const back = new Promise((resolve) => {
  client.onStatus(({ name, state }) => name === 'everything' && state === 'connected' && resolve());
});
await back;
const answer = await client.callTool('everything', 'echo', { message: 'I am back' });
console.log(answer.content[0].text);
await client.close();
