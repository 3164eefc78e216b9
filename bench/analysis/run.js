/**
 * Simulated truth for the statistics in src/analysis, with many more replications than the unit tests: how often each method is
 * right, by noise. `npm run build && node bench/analysis/run.js [replications]` (default 400, about two minutes).
 *
 * Every bar stands beside its figure; the exit code is 1 when one is missed.
 */
import { changePoints } from './change-points.js';
import { comparison } from './comparison.js';
import { intervals } from './intervals.js';
import { leaks } from './leaks.js';
import { scalability } from './scalability.js';

const replications = Number(process.argv[2] ?? 400);
if (!Number.isInteger(replications) || replications < 20) {
  console.error(`Expected the replications to be a whole number of at least 20, got '${process.argv[2]}'`);
  process.exit(104);
}

/** @typedef {{ title: string, head: string[], rows: string[][], bars: { what: string, pass: boolean }[] }} Table */

let missed = 0;
for (const simulate of [intervals, comparison, changePoints, leaks, scalability]) {
  const { title, head, rows, bars } = simulate(replications);
  console.log(`## ${title}\n`);
  console.log(`| ${head.join(' | ')} |`);
  console.log(`|${' --- |'.repeat(head.length)}`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
  console.log();
  for (const { what, pass } of bars) {
    console.log(`- ${pass ? '✓' : '✗'} ${what}`);
    if (!pass) missed++;
  }
  console.log();
}
console.log(`${replications} replications; ${missed === 0 ? 'all bars met' : `${missed} bars missed`}.`);
process.exitCode = missed === 0 ? 0 : 1;
