/**
 * How long `dyno load` takes from its start to its first call, in rounds beside an empty Node program: `node
 * bench/load/first-call.js` after `npm run build`. The server is in this process and notes when the first tools/call has
 * arrived, so opening the connection, the handshake and the list of tools are in it. The first call tries the tool, from the
 * main thread; the second is the load's own. Bar: 400 ms for the first, the median of the rounds.
 *
 * Options: --rounds N (15).
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './run-client.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const dyno = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));
const inputSchema = { type: 'object', properties: {} };
const results = {
  initialize: () => ({
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'first-call', version: '1' },
  }),
  'tools/list': () => ({ tools: [{ name: 'nothing', inputSchema }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'x' }] }),
};
let calls = [];
const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => {
    if (request.method !== 'POST') return response.writeHead(405).end();
    const { id, method } = JSON.parse(text);
    if (id === undefined) return response.writeHead(202).end();
    if (method === 'tools/call') calls.push(performance.now());
    const result = results[method]?.();
    const answer = result === undefined ? { error: { code: -32601, message: 'unknown method' } } : { result };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/mcp`;
const folder = mkdtempSync(join(tmpdir(), 'dyno-first-call-'));

/** To the first call, and to the first of the load, ms. */
async function dynoToCalls() {
  calls = [];
  const began = performance.now();
  const args = [dyno, 'load', url, '-n', '1', '--tool', 'nothing', '--no-tui', '--pid', 'none'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, DYNO_RUN_DIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (more) => (said += more));
  await new Promise((resolve) => child.once('close', resolve));
  if (calls.length === 0) throw new Error(`dyno made no call: ${said}`);
  return { dyno: calls[0] - began, load: calls.at(-1) - began };
}

/** ms */
function emptyNode() {
  const began = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - began;
}

const rounds = [];
try {
  await dynoToCalls();
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.push({ ...(await dynoToCalls()), node: emptyNode() });
  }
} finally {
  server.close();
  rmSync(folder, { recursive: true });
}
const show = (name) => {
  const sorted = rounds.map((round) => round[name]).sort((a, b) => a - b);
  return `${median(sorted).toFixed(0)} ms (${sorted[0].toFixed(0)} to ${sorted.at(-1).toFixed(0)})`;
};
const above = rounds.filter(({ dyno: ms }) => ms > 400).length;
console.log(
  `dyno load, start to first call: median ${show('dyno')}; ${above} of ${rounds.length} above 400 ms`,
);
console.log(`to the first call of the load: median ${show('load')}`);
console.log(`an empty Node program, start to end: median ${show('node')}`);
if (median(rounds.map(({ dyno: ms }) => ms)) > 400) process.exitCode = 1;
