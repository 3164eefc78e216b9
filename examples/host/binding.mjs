/**
 * From what an agent wants to calls of real MCP servers: bindings with arguments filled in, and a plan of several steps
 * with a fallback. Run: node examples/host/binding.mjs
 */
import { createRequire } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { McpClient, stepWithFallbacks, ToolBinder, ToolDiscovery } from 'mcp-dyno/host';
import { startEverything } from './reference-servers.mjs';

const filesystem = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-filesystem/package.json')),
  'dist/index.js',
);
const folder = await mkdtemp(join(tmpdir(), 'dyno-example-'));
await writeFile(join(folder, 'shopping.txt'), 'apples, bread, tea\n');

const everything = await startEverything();
const client = new McpClient();
await client.connectServer('everything', { kind: 'http', url: everything.url, headers: {} });
const target = { kind: 'stdio', command: process.execPath, args: [filesystem, folder], env: {} };
await client.connectServer('files', target);
const discovery = new ToolDiscovery();
for (const name of ['everything', 'files']) await discovery.addSource(client.toolSource(name));

const binder = new ToolBinder({
  discovery,
  call: ({ tool, arguments: args, timeoutMs, signal }) =>
    client.callTool(tool.server, tool.name, args, { timeoutMs, signal }),
});

console.log('A binding, its confidence and why:');
const [sum] = await binder.bindTools({ query: 'add the two numbers', entities: { a: '19', b: '23' } });
console.log(
  `  ${sum.tool.label}, ${(100 * sum.confidence).toFixed(0)} % sure, arguments ${JSON.stringify(sum.arguments)}`,
);
for (const { what, detail } of sum.reasons) console.log(`    ${what}: ${detail}`);
console.log(`  It answers: ${(await sum.call()).content[0].text}`);

console.log('What is missing is named, not guessed:');
const [incomplete] = await binder.bindTools({ query: 'create a directory' });
console.log(`  ${incomplete.tool.label}: missing ${incomplete.missing.join(', ')}`);
await incomplete.call().catch((error) => console.log(`  ${error.message}`));

console.log('A misspelt name:');
const [near] = await binder.bindTools({ query: 'read_txt_file', strategy: 'fuzzy', maxTools: 1 });
console.log(`  ${near.tool.label}: ${near.reasons[0].detail}`);

console.log('A plan: two steps at once, then one that depends on them, with a fallback that really runs:');
const gone = join(folder, 'gone.txt');
const [read] = await binder.bindTools({ query: 'read the text file', entities: { path: gone } });
const [instead] = await binder.bindTools({
  query: 'read the text file',
  entities: { path: join(folder, 'shopping.txt') },
});
const result = await binder.executePlan(
  {
    kind: 'sequential',
    steps: [
      {
        kind: 'parallel',
        steps: [
          { ...stepWithFallbacks('list', [read, instead]) },
          {
            kind: 'tool',
            id: 'weather',
            tool: 'everything/get-structured-content',
            arguments: { location: 'Chicago' },
          },
        ],
      },
      {
        kind: 'conditional',
        if: { step: 'weather', path: '/temperature', exists: true },
        then: {
          kind: 'tool',
          id: 'note',
          tool: 'files/write_file',
          arguments: { path: join(folder, 'note.txt') },
          inputs: { content: { from: 'weather', path: '/conditions' } },
        },
      },
    ],
  },
  { timeoutMs: 10_000 },
);
console.log(`  ${result.sentence}`);
for (const { id, status, attempts, fallback } of result.steps) {
  console.log(`  ${id}: ${status}${fallback ? ` through ${fallback}` : ''}, ${attempts.length} attempts`);
}

binder.close();
discovery.close();
await client.close();
await everything.stop();
await rm(folder, { recursive: true });
