/**
 * Runs the official conformance suite against the built client and server:
 * `node run.mjs [client|server] [2025-11-25|2026-07-28]`. Exits with 1 when anything fails that is not expected to.
 */
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const suite = '@modelcontextprotocol/conformance@0.2.0-alpha.12';
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const asked = process.argv.slice(2);
const sides = ['client', 'server'].filter((side) => asked.length === 0 || asked.includes(side));
const revisions = ['2025-11-25', '2026-07-28'];
const chosen = revisions.filter((revision) => asked.includes(revision));
const output = await mkdtemp(join(tmpdir(), 'dyno-conformance-'));

/** The suite under the Node that it needs. */
function run(args) {
  const command = ['-y', '-p', 'node@24', '-p', suite, 'conformance', ...args];
  const child = spawn('npx', command, { stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

const server = spawn(process.execPath, [here('server.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
const { url } = JSON.parse(await new Promise((resolve) => server.stdout.once('data', resolve)));

let failed = false;
for (const side of sides.length === 0 ? ['client', 'server'] : sides) {
  for (const revision of chosen.length === 0 ? revisions : chosen) {
    process.stdout.write(`\n== ${side}, ${revision}\n`);
    const target =
      side === 'client' ? ['--command', `${process.execPath} ${here('client.mjs')}`] : ['--url', url];
    const code = await run([
      side,
      ...target,
      '--requirements',
      revision,
      '--expected-failures',
      here('expected-failures.yml'),
      '-o',
      join(output, `${side}-${revision}`),
    ]);
    if (code !== 0) failed = true;
  }
}
server.stdin.end();
process.exitCode = failed ? 1 : 0;
