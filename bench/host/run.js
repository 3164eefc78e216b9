/**
 * Runs every `*.bench.js` of this folder, each in a process of its own, and prints what was asked and what was measured.
 *
 *   npm run bench:host              all of them
 *   npm run bench:host -- registry  those whose file name contains a word
 *
 * A bench exports `bench(): Promise<{ rows: Row[], curves?: Curve[] }>`, see measure.js. The exit code is 1 when a bar
 * was missed, since a bar is only here because it holds on an idle two-core machine.
 */
import { fork } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';

const here = new URL('.', import.meta.url);

if (process.argv[2] === '--one') {
  const { bench } = await import(new URL(process.argv[3], here));
  process.send(await bench());
  process.disconnect();
} else {
  await all(process.argv.slice(2));
}

/** @param {string[]} words */
async function all(words) {
  if (!existsSync(new URL('../../dist/host/index.js', here))) {
    console.error('There is no dist/ yet: run `npm run build` first.');
    process.exit(1);
  }
  const files = readdirSync(here)
    .filter((name) => name.endsWith('.bench.js'))
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
    .sort();
  if (files.length === 0) {
    console.error(`No bench in bench/host has ${words.join(' or ')} in its name.`);
    process.exit(1);
  }
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
  const table = new Table({
    head: ['bench', 'what', 'bar', 'measured', ''],
    style: { head: [], border: [] },
  });
  const curves = [];
  let missed = 0;
  for (const file of files) {
    const name = file.replace('.bench.js', '');
    process.stderr.write(`${name} …\n`);
    const result = await one(file);
    for (const row of result.rows) {
      if (row.pass === false) missed++;
      const verdict = row.pass === undefined ? '' : row.pass ? 'holds' : 'MISSED';
      table.push([name, row.what, row.bar ?? '', row.measured, verdict]);
    }
    curves.push(...(result.curves ?? []));
  }
  console.log(table.toString());
  for (const curve of curves) {
    const drawn = new Table({ head: curve.head, style: { head: [], border: [] } });
    drawn.push(...curve.rows.map((row) => row.map(String)));
    console.log(`\n${curve.title}\n${drawn.toString()}`);
  }
  process.exitCode = missed === 0 ? 0 : 1;
}

/** @param {string} file */
function one(file) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--one', file], {
      execArgv: ['--expose-gc'],
      serialization: 'advanced',
    });
    let result;
    child.on('message', (message) => {
      result = message;
    });
    child.on('exit', (code, signal) => {
      if (result !== undefined && code === 0) resolve(result);
      else reject(new Error(`${file} ended with ${signal ?? code} ${result ? '' : 'and gave no result'}`));
    });
  });
}
