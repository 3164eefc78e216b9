import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResult, testResult } from '../../src/report/run.fixture.js';
import { writeRunFile, writeWhole } from '../../src/store/index.js';
import { scratch } from '../fixtures/run-dyno.js';

const root = new URL('../../', import.meta.url);
const bin = fileURLToPath(new URL('bin/dyno.js', root));
const folder = scratch();
afterAll(() => {
  folder.remove();
});

/** Every line of every shell block of the page, in order. */
const examples = [
  ...readFileSync(new URL('docs/comparing.md', root), 'utf8').matchAll(/```sh\n([^]*?)```/g),
].flatMap((block) => block[1]!.trim().split('\n'));

/** A repository as the page supposes it: two builds of a server, a stored run, and `dyno` on the path. */
beforeAll(async () => {
  for (const name of ['old', 'new', 'build', 'bin', '.git']) mkdirSync(join(folder.path, name));
  const serve = `process.argv.push('serve', '--stdio');\nawait import(${JSON.stringify(pathToFileURL(bin).href)});\n`;
  for (const name of ['old', 'new', 'build']) writeFileSync(join(folder.path, name, 'server.js'), serve);
  writeFileSync(join(folder.path, 'package.json'), '{"type":"module"}');
  const shim = join(folder.path, 'bin/dyno');
  writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`);
  chmodSync(shim, 0o755);
  const run = runResult({ tests: [testResult()] });
  await writeRunFile(join(folder.path, '.dyno/runs'), run);
  for (const name of ['old', 'new'])
    await writeWhole(join(folder.path, name, 'run.json.gz'), JSON.stringify(run));
});

/** Short blocks, one short test: what is shown is that the lines work, not what they find. */
const short = {
  DYNO_PAIRS: '1',
  DYNO_MAX_PAIRS: '1',
  DYNO_BLOCK: '50ms',
  DYNO_WARMUP: '0',
  DYNO_ONLY: 'single-tool-latency',
  DYNO_ALLOW_INCONCLUSIVE: '1',
};

describe('the examples of docs/comparing.md', () => {
  it('are all there', () => {
    expect(examples.filter((line) => line.startsWith('dyno compare'))).toHaveLength(4);
  });

  it.each(examples.filter((line) => line.startsWith('dyno ')))('%s', { timeout: 120_000 }, (line) => {
    const ended = spawnSync('sh', ['-c', line], {
      cwd: folder.path,
      encoding: 'utf8',
      env: {
        ...process.env,
        ...short,
        NO_COLOR: '1',
        PATH: `${join(folder.path, 'bin')}${delimiter}${process.env['PATH']}`,
      },
    });
    // A busy machine may find differences where there are none to speak of; a line that does not work exits otherwise.
    expect([0, 113], `${line}: ${ended.stderr}`).toContain(ended.status);
    expect(ended.stderr).not.toMatch(/^dyno: /m);
  });
});
