/**
 * `npm run truth`: runs the long proofs of test/truth, one file after another, against servers that count themselves what
 * they do, and writes what they showed to docs/truth.md, a section a file. `npm run truth -- load leaks` runs only those
 * and leaves the other sections as they are. Takes about an hour; the machine should have nothing else to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs', 'truth.md');
const known = readdirSync(join(root, 'test', 'truth'))
  .filter((name) => name.endsWith('.truth.ts'))
  .map((name) => name.slice(0, -'.truth.ts'.length));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There are no proofs named ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(104);
}

const head = [
  '# What was shown',
  '',
  'Written by `npm run truth`; do not edit. Figures are held against servers that count themselves what they do: the bundled',
  'reference server, and two that share no code with it (`independent`: Python; `near-free`: C), or against simulated data of',
  'known truth.',
  '',
].join('\n');

/** The sections as they stand, by name. */
const sections = new Map(
  (existsSync(page) ? readFileSync(page, 'utf8') : '')
    .split(/^(?=## )/m)
    .filter((section) => section.startsWith('## '))
    .map((section) => [/^## (\S+)/.exec(section)[1], section.trimEnd()])
    .filter(([name]) => known.includes(name)),
);

let failed = false;
for (const name of asked.length > 0 ? asked : known) {
  const { held, rows } = prove(name);
  failed ||= !held;
  if (rows.length > 0) sections.set(name, sectionOf(name, held, rows));
  const all = known.filter((each) => sections.has(each)).map((each) => sections.get(each));
  if (all.length > 0) writeFileSync(page, `${head}\n${all.join('\n\n')}\n`);
}
process.exit(failed ? 1 : 0);

function prove(name) {
  const folder = mkdtempSync(join(tmpdir(), 'dyno-truth-'));
  const file = join(folder, 'rows.jsonl');
  const run = spawnSync(
    'npx',
    ['vitest', 'run', '--config', 'vitest.truth.config.ts', `test/truth/${name}.truth.ts`],
    { cwd: root, stdio: 'inherit', env: { ...process.env, DYNO_TRUTH: file } },
  );
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  rmSync(folder, { recursive: true });
  return {
    held: run.status === 0,
    rows: text === '' ? [] : text.split('\n').map((line) => JSON.parse(line)),
  };
}

function sectionOf(name, held, rows) {
  const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
  const columns = ['claim', 'server', 'truth', 'measured', 'tolerance'];
  return [
    `## ${name}`,
    '',
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0].model.trim()}, ${cpus().length} cores. ` +
      (held ? 'All proofs held.' : 'NOT all proofs held: see the run.'),
    '',
    '| claim | server | truth | dyno measured | tolerance |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${columns.map((column) => cell(row[column])).join(' | ')} |`),
  ].join('\n');
}
