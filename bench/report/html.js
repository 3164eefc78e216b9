/**
 * The HTML report of a one-hour run with 20 operations: under 2 MB, produced in under 2 s, drawn in Chromium in under
 * 1 s; the template under 150 kB. Run: node bench/report/html.js (CHROMIUM names another browser).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';

const jiti = createJiti(import.meta.url);
const { longRun } = await jiti.import('../../src/report/long-run.fixture.ts');
const { runResult } = await jiti.import('../../src/report/run.fixture.ts');
const { htmlReport } = await jiti.import('../../src/report/index.ts');
const { chromiumPath, withChromium } = await jiti.import('../../test/report/chromium.fixture.ts');

const rounds = 5;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const say = (what, value, bar) => console.log(`${what.padEnd(34)} ${value.padStart(12)}   bar ${bar}`);

const template = Buffer.byteLength(htmlReport(runResult({ tests: [] })));
say('template', `${(template / 1000).toFixed(1)} kB`, '150 kB');

const run = longRun();
const begin = performance.now();
let html = htmlReport(run);
const first = performance.now() - begin;
const times = Array.from({ length: rounds }, () => {
  const from = performance.now();
  html = htmlReport(run);
  return performance.now() - from;
});
say('1 h, 20 operations: size', `${(Buffer.byteLength(html) / 1e6).toFixed(3)} MB`, '2 MB');
say('produced, first / median', `${first.toFixed(0)} / ${median(times).toFixed(0)} ms`, '2000 ms');

if (chromiumPath === undefined) {
  console.log('drawn: not measured, no Chromium on this machine (CHROMIUM names one)');
} else {
  const folder = await mkdtemp(join(tmpdir(), 'dyno-bench-'));
  try {
    const path = join(folder, 'report.html');
    await writeFile(path, html);
    const drawn = await withChromium({}, async (context) => {
      const all = [];
      for (let round = 0; round < rounds; round++) {
        const page = await context.newPage();
        await page.goto(pathToFileURL(path).href);
        all.push(Number(await page.evaluate('document.documentElement.dataset.drawn')));
        await page.close();
      }
      return all;
    });
    const [cold] = drawn;
    say('drawn (navigation to last chart)', `${cold} / ${median(drawn)} ms`, '1000 ms');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
