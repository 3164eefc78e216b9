/**
 * Four real MCP servers as one host: search, call, run. Run: node examples/host/host.mjs
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Host } from 'mcp-dyno/host';

const folder = mkdtempSync(join(tmpdir(), 'dyno-example-'));
const program = (name) => {
  const manifest = createRequire(import.meta.url).resolve(`@modelcontextprotocol/${name}/package.json`);
  return join(dirname(manifest), 'dist/index.js');
};
writeFileSync(join(folder, 'shopping.txt'), 'bolts, nuts, a very small hammer\n');

// The file that Claude, Cursor and VS Code read, too. One server of it does not exist: the others do not mind.
const config = join(folder, 'mcp.json');
const server = (name, ...args) => ({ command: process.execPath, args: [program(name), ...args] });
writeFileSync(
  config,
  JSON.stringify({
    mcpServers: {
      everything: server('server-everything', 'stdio'),
      files: server('server-filesystem', folder),
      memory: { ...server('server-memory'), env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') } },
      thinking: server('server-sequential-thinking'),
      missing: { command: 'no-such-server' },
    },
  }),
);

const host = await Host.fromConfig(config);
try {
  console.log('Servers');
  for (const { name, state, serverInfo, error } of host.status().servers) {
    console.log(`  ${name}: ${state} ${serverInfo?.name ?? ''} ${error ?? ''}`);
  }
  console.log(`${host.discovery.size} tools\n`);

  for (const query of ['what is written in a file', 'sum of two numbers', 'everything that was remembered']) {
    const hits = await host.search(query, { limit: 3 });
    console.log(`Search: ${query}`);
    for (const { record, score } of hits) console.log(`  ${score.toFixed(2)}  ${record.id}`);
  }

  const [hit] = await host.search('sum of two numbers', { server: 'everything' });
  const sum = await host.call(hit, { a: 19, b: 23 }, { timeout: '5s' });
  console.log(
    `\n${sum.tool.id} on ${sum.server} in ${sum.durationMs.toFixed(1)} ms: ${sum.result.content[0].text}`,
  );

  // Wrong arguments never reach the server; the error says how to mend them.
  await host.call(hit, { a: '19', b: 23 }).catch((error) => {
    console.log(`\nRefused: ${error.errors[0].message}`);
    console.log(`Repair: ${JSON.stringify(error.repair().patch)}`);
  });

  // From what a user says to the answer.
  const run = await host.run({
    query: 'read the text file',
    entities: { path: join(folder, 'shopping.txt') },
  });
  console.log(`\nRan ${run.tool.id} ${JSON.stringify(run.arguments)}`);
  console.log(`  ${run.result.content[0].text.trim()}`);
} finally {
  await host.close();
  rmSync(folder, { recursive: true });
}
