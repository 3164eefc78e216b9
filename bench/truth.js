/**
 * `npm run truth`: runs the long proofs against servers that count themselves what they do, and writes what they showed to
 * docs/truth.md. Takes about ten minutes; the machine should have nothing else to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dyno-truth-'));
const rowsFile = join(folder, 'rows.jsonl');
const run = spawnSync(
  'npx',
  ['vitest', 'run', '--config', 'vitest.truth.config.ts', ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, DYNO_TRUTH: rowsFile },
  },
);
const rows = existsSync(rowsFile)
  ? readFileSync(rowsFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
rmSync(folder, { recursive: true });

const cell = (text) => text.replaceAll('|', '\\|');
const lines = [
  '# What was shown',
  '',
  'Written by `npm run truth`; do not edit. Every figure is held against a server that counts itself what it does: the bundled',
  'reference server, and two that share no code with it (Python, and C).',
  '',
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0].model.trim()}, ${cpus().length} cores. ` +
    `${run.status === 0 ? 'All proofs held.' : 'NOT all proofs held: see the run.'}`,
  '',
  '| claim | server | truth | dyno measured | tolerance |',
  '|---|---|---|---|---|',
  ...rows.map(
    (row) => `| ${[row.claim, row.server, row.truth, row.measured, row.tolerance].map(cell).join(' | ')} |`,
  ),
  '',
];
if (rows.length > 0) writeFileSync(join(root, 'docs', 'truth.md'), lines.join('\n'));
process.exit(run.status ?? 1);
