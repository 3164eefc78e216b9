/**
 * `dyno history` over 5,000 stored runs: listed in under 300 ms, the process included. The first listing builds the index
 * and is reported apart. Run: npm run build && node bench/store/history.js
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import { RunIndex, writeRunFile } from '../../dist/store/index.js';

const runs = 5000;
const rounds = 7;
const dyno = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));
const jiti = createJiti(import.meta.url);
const { runResult } = await jiti.import('../../src/report/run.fixture.ts');

const folder = await mkdtemp(join(tmpdir(), 'dyno-bench-'));
const timed = async (work) => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};
const list = async () => {
  const index = await RunIndex.open(folder);
  const rows = index.list({ limit: 20 });
  index.close();
  if (rows.length !== 20) throw new Error(`${rows.length} rows listed`);
};
const command = () => {
  const { status, stdout } = spawnSync(process.execPath, [dyno, 'history', '--run-dir', folder], {
    encoding: 'utf8',
  });
  if (status !== 0 || !stdout.includes(`20 of ${runs} runs`))
    throw new Error(`dyno history failed: ${stdout}`);
};
const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return `${sorted[0].toFixed(0)} / ${sorted[Math.floor(sorted.length / 2)].toFixed(0)} / ${sorted.at(-1).toFixed(0)} ms`;
};

try {
  for (let i = 0; i < runs; i++) {
    const started = new Date(Date.UTC(2026, 0, 1) + i * 1000 * 60);
    const id = `${started
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
      .replaceAll(':', '-')}-${i.toString(16).padStart(4, '0')}`;
    await writeRunFile(folder, runResult({ id, startedAt: started.toISOString() }));
  }
  console.log(`${runs} runs: first listing, builds the index   ${(await timed(list)).toFixed(0)} ms`);
  const inProcess = [];
  const whole = [];
  for (let round = 0; round < rounds; round++) {
    inProcess.push(await timed(list));
    whole.push(await timed(command));
  }
  console.log(`index opened, checked, 20 rows (min/median/max) ${spread(inProcess)}`);
  console.log(`dyno history, whole process (min/median/max)    ${spread(whole)}   bar 300 ms`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
