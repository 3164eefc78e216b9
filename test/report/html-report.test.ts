import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/core/index.js';
import { historyPage, htmlReport } from '../../src/report/index.js';
import { longRun } from '../../src/report/long-run.fixture.js';
import { runResult, testResult } from '../../src/report/run.fixture.js';
import { chromiumPath, withChromium } from './chromium.fixture.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const run = longRun({ seconds: 300, operations: 6, points: 120, callsPerSecond: 400 });
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dyno-report-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A page with the report, and everything that it complained of or asked for beyond itself. */
async function open(
  context: BrowserContext,
  result: RunResult | string,
): Promise<{ page: Page; complaints: string[] }> {
  const path = join(folder, 'report.html');
  await writeFile(path, typeof result === 'string' ? result : htmlReport(result));
  const page = await context.newPage();
  const complaints: string[] = [];
  const url = pathToFileURL(path).href;
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:'))
      complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const scope = globalThis as unknown as {
      axe: {
        run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
      };
    };
    return (await scope.axe.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`);
}

const missing =
  chromiumPath === undefined ? ' (skipped: no Chromium on this machine, CHROMIUM names one)' : '';

describe.skipIf(chromiumPath === undefined)(
  `the HTML report in Chromium${missing}`,
  { timeout: 60_000 },
  () => {
    it('draws every chart without a complaint, a request, or a serious fault for those who cannot see it', async () => {
      await withChromium({ colorScheme: 'light' }, async (context) => {
        const { page, complaints } = await open(context, run);
        const charts = await page.locator('figure.chart').evaluateAll((figures) =>
          figures.map((figure) => {
            const element = figure as unknown as {
              id: string;
              hidden: boolean;
              querySelector(s: string): unknown;
            };
            return [
              element.id,
              element.hidden ? 'hidden' : element.querySelector('canvas') ? 'drawn' : 'empty',
            ];
          }),
        );
        expect(Object.fromEntries(charts as [string, string][])).toEqual({
          'percentile-chart': 'drawn',
          'heatmap-chart': 'drawn',
          'rate-chart': 'drawn',
          'latency-chart': 'drawn',
          'flight-chart': 'drawn',
          'capacity-chart': 'drawn',
          'memory-chart': 'drawn',
          'cpu-chart': 'drawn',
          // No descriptors were recorded: nothing is drawn of nothing.
          'fds-chart': 'hidden',
        });
        expect(await seriousFaults(page)).toEqual([]);
        await page.locator('#shown-test').selectOption({ label: 'max-throughput (pass)' });
        await page.locator('#log-scale').uncheck();
        expect(await page.locator('#heatmap-chart').isHidden()).toBe(true);
        expect(complaints).toEqual([]);
      });
    });

    it('gives the raw result to download, letter by letter', async () => {
      await withChromium({}, async (context) => {
        const { page, complaints } = await open(context, run);
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.locator('#download').click(),
        ]);
        expect(download.suggestedFilename()).toBe(`${run.id}.json`);
        expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toEqual(
          JSON.parse(JSON.stringify(run)),
        );
        expect(complaints.filter((one) => !one.includes('blob:'))).toEqual([]);
      });
    });

    it('is dark for a dark system, with the same marks to read, and light on paper', async () => {
      await withChromium({ colorScheme: 'dark' }, async (context) => {
        const { page } = await open(context, run);
        const paper = () =>
          page.locator('body').evaluate((body) => {
            const scope = globalThis as unknown as {
              getComputedStyle(e: unknown): { backgroundColor: string };
            };
            return scope.getComputedStyle(body).backgroundColor;
          });
        expect(await paper()).toBe('rgb(18, 22, 27)');
        expect(await seriousFaults(page)).toEqual([]);
        await page.emulateMedia({ media: 'print' });
        expect(await paper()).toBe('rgb(255, 255, 255)');
        expect(await page.locator('nav').isHidden()).toBe(true);
      });
    });

    it('is read without JavaScript: verdict, limits, percentiles and series stand in tables', async () => {
      await withChromium({ javaScriptEnabled: false }, async (context) => {
        const { page, complaints } = await open(context, run);
        const text = await page.locator('main').innerText();
        for (const part of [
          run.verdict.sentence,
          'latency.p99 < 10ms',
          '+38 % (+30 … +47)',
          'operation_5',
          'no answer within 30 s',
        ]) {
          expect(text).toContain(part);
        }
        expect(await page.locator('figure.chart:visible').count()).toBe(0);
        expect(await page.locator('svg.forest').isVisible()).toBe(true);
        await page.locator('summary', { hasText: 'Percentiles as a table' }).click();
        expect(
          await page
            .locator('#percentiles td', { hasText: 'latency{operation=tools/call operation_5}' })
            .isVisible(),
        ).toBe(true);
        expect(complaints).toEqual([]);
      });
    });

    it('shows hostile text letter by letter and runs none of it', async () => {
      const attacks = [
        '<img src=x onerror="window.hit=1">',
        '</script><script>window.hit=1</script>',
        '"><svg onload=window.hit=1>',
        '<!--<script>',
        "'-alert(1)-'",
        'javascript:window.hit=1',
      ];
      const names = Object.fromEntries(attacks.map((name) => [name, { metrics: testResult().metrics }]));
      const histograms = Object.fromEntries(
        attacks.map((name) => [`latency{operation=${name}}`, run.tests[0]!.histograms['latency']!]),
      );
      const result = runResult({
        target: { kind: 'http', url: attacks[0]!, serverInfo: { name: attacks[1]!, version: attacks[2]! } },
        tests: attacks.map((text) =>
          testResult({
            id: text,
            title: text,
            status: 'fail',
            reason: text,
            operations: names,
            histograms,
            series: { ...run.tests[0]!.series },
            heatmap: run.tests[0]!.heatmap!,
            windows: [{ kind: 'fault', label: text, from: 1, to: 2 }],
            failures: [{ class: 'tool', message: text, count: 1, firstAt: 0, lastAt: 0 }],
            samples: [{ class: 'tool', operation: text, request: text, response: text, at: 0 }],
          }),
        ),
        warnings: attacks,
      });
      await withChromium({}, async (context) => {
        const { page, complaints } = await open(context, result);
        const text = await page.locator('main').textContent();
        for (const attack of attacks) expect(text).toContain(attack);
        expect(await page.evaluate(() => (globalThis as unknown as { hit?: number }).hit)).toBeUndefined();
        expect(await page.locator('img, main script, svg[onload]').count()).toBe(0);
        expect(complaints).toEqual([]);
      });
    });

    it('has a sister for the history: readable by all, asking for nothing, hostile names as text', async () => {
      const hostile = '</svg><img src=x onerror=window.hit=1>';
      const points = Array.from({ length: 30 }, (_, i) => ({
        id: `run-${i} ${hostile}`,
        startedAt: '2026-11-22T23:10:05.000Z',
        commit: hostile,
        value: i < 20 ? 1 : 2,
      }));
      const html = historyPage({
        directory: hostile,
        size: 31,
        runs: [
          {
            id: 'a',
            startedAt: '',
            status: 'fail',
            target: hostile,
            calls: 5,
            throughput: 1,
            p50: 1.5,
            p99: null,
            commit: '',
          },
        ],
        plots: [
          { name: hostile, points, changes: [{ run: points[20]!.id, sentence: `worse +100 % ${hostile}` }] },
          { name: 'load:latency.p50', points: points.slice(0, 1), changes: [], notJudged: 'only 1 run' },
        ],
      });
      for (const colorScheme of ['light', 'dark'] as const) {
        await withChromium({ colorScheme }, async (context) => {
          const { page, complaints } = await open(context, html);
          expect(await page.locator('h1').textContent()).toBe('31 stored runs, 1 of them here');
          expect(await page.locator('figure circle').count()).toBe(31);
          expect(await page.locator('line.change').count()).toBe(1);
          expect(await page.locator('main').textContent()).toContain(`${hostile}: worse +100 % ${hostile}`);
          expect(await page.locator('img, script').count()).toBe(0);
          expect(complaints).toEqual([]);
          expect(await seriousFaults(page)).toEqual([]);
        });
      }
    });

    it('stands runs with nothing to draw', async () => {
      await withChromium({}, async (context) => {
        for (const result of [runResult({ tests: [] }), runResult()]) {
          const { page, complaints } = await open(context, result);
          expect(await page.locator('h1').textContent()).toBe(result.verdict.sentence);
          expect(complaints).toEqual([]);
          await page.close();
        }
      });
    });
  },
);
