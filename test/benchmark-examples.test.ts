import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

/** Without what this vitest tells its own children, which the runner of an example would take for itself. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST_CONTEXT|NODE_OPTIONS)/.test(name)),
);

it.each([
  [
    'vitest',
    'examples/testing/latency.vitest.test.js',
    [vitest, 'run', '--root', 'examples/testing'],
    /1 passed/,
  ],
  [
    'node:test',
    'examples/testing/latency.node.test.js',
    ['--test', 'examples/testing/latency.node.test.js'],
    /pass 1\b/,
  ],
])(
  'the example for %s runs, and the documentation shows it',
  async (_runner, file, args, passed) => {
    const page = readFileSync(new URL('../docs/benchmark.md', import.meta.url), 'utf8');
    expect(page).toContain(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));
    const { stdout } = await run(process.execPath, args, { cwd: root, env: { ...env, NO_COLOR: '1' } });
    expect(stdout).toMatch(passed);
  },
  60_000,
);
