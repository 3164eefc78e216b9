/**
 * One catalogue over real MCP servers from npm, searched by what a user says. Run: node examples/host/discovery.mjs
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { adapterSource, McpClient, ToolDiscovery } from 'mcp-dyno/host';
import { startEverything } from './reference-servers.mjs';

const script = (name) =>
  join(
    dirname(createRequire(import.meta.url).resolve(`@modelcontextprotocol/${name}/package.json`)),
    'dist/index.js',
  );

const everything = await startEverything();
const client = new McpClient();
await client.connectServer('everything', { kind: 'http', url: everything.url, headers: {} });
const stdio = (name, args) => ({
  kind: 'stdio',
  command: process.execPath,
  args: [script(name), ...args],
  env: {},
});
await client.connectServer('files', stdio('server-filesystem', [process.cwd()]), { tags: ['local'] });
await client.connectServer('memory', stdio('server-memory', []), { tags: ['local'] });

// A source of this process beside the servers; a source that never answers does not hold up the others.
const discovery = new ToolDiscovery({ deadlineMs: 2_000 });
discovery.onChange(({ source, added }) => console.log(`  ${source}: ${added.length} tools`));
console.log('Sources:');
await Promise.all([
  ...['everything', 'files', 'memory'].map((name) => discovery.addSource(client.toolSource(name))),
  discovery.addSource(
    adapterSource('clock', [
      { name: 'now', description: 'The current time of day in a time zone', inputSchema: { type: 'object' } },
    ]),
  ),
  discovery.addSource({ id: 'silent', list: () => new Promise(() => {}) }),
]);
for (const { id, state, error } of discovery.status())
  if (state !== 'fresh') console.log(`  ${id}: ${state}. ${error}`);

const show = async (query, options = {}) => {
  console.log(`\n"${query}"${Object.keys(options).length ? ` ${JSON.stringify(options)}` : ''}`);
  for (const { record, score } of await discovery.searchTools(query, { limit: 3, ...options })) {
    console.log(`  ${score.toFixed(2).padStart(6)}  ${record.label}`);
  }
};
await show('add two numbers');
await show("what's in my downloads folder");
await show('forget everything about this person');
await show('make a new folder', { readOnly: false, tags: ['local'] });
await show('current time in Tokyo');

discovery.close();
await client.close();
await everything.stop();
