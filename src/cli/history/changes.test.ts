import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.js';
import { runResult, testResult } from '../../report/run.fixture.js';
import { RunIndex, writeRunFile } from '../../store/index.js';
import { allChanges, changeLines, changesOf } from './changes.js';

const runs = 40;
const stepAt = 25;
let folder = '';

/** A history in which p50 rises by 10 % with run 25, when the machine changed too, and nothing else changes. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dyno-changes-'));
  const random = seededRandom('history');
  for (let i = 0; i < runs; i++) {
    const wobble = () => 1 + random.normal(0, 0.01);
    const p50 = { value: (i < stepAt ? 2 : 2.2) * wobble(), unit: 'ms', ci95: null };
    const throughput = { value: 400 * wobble(), unit: 'ops/s', ci95: null };
    const day = String(1 + (i % 28)).padStart(2, '0');
    const moment = `2026-${i < 28 ? '09' : '10'}-${day}`;
    await writeRunFile(
      folder,
      runResult({
        id: `${moment}T10-00-00Z-0a0a`,
        startedAt: `${moment}T10:00:00.000Z`,
        environment: {
          node: '20.19.0',
          os: 'linux 6.8',
          cpu: i < stepAt ? 'Some CPU' : 'Another CPU',
          cores: 2,
          memoryBytes: 8e9,
          git: { commit: `${String(i).padStart(2, '0')}c0ffee`.padEnd(40, '0'), dirty: false },
        },
        tests: [testResult({ metrics: { 'latency.p50': p50, throughput } })],
      }),
    );
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the history of a metric', () => {
  it('tells where a level changed, with commit, date and what else changed there', async () => {
    const index = await RunIndex.open(folder);
    const found = await allChanges(index, {}, folder);
    index.close();
    expect(found).toMatchObject({ judged: 2, notJudged: [] });
    expect(found.changes).toHaveLength(1);
    const [change] = found.changes;
    expect(change).toMatchObject({
      metric: 'single-tool-latency:latency.p50',
      verdict: 'regression',
      run: '2026-09-26T10-00-00Z-0a0a',
      startedAt: '2026-09-26T10:00:00.000Z',
      lastBefore: { run: '2026-09-25T10-00-00Z-0a0a' },
      alsoChanged: ['another machine: Some CPU × 2 before, then Another CPU × 2'],
    });
    expect(change!.commit).toMatch(/^25c0ffee/);
    expect(change!.change).toBeCloseTo(0.1, 1);
    expect(changeLines(change!, true).join('\n')).toMatch(
      /✗ worse {2}single-tool-latency:latency\.p50 {2}\+\S+ % .*\n +since 2026-09-26 10:00, commit 25c0ffee0, run .* \(last without it: 24c0ffee0\)\n +⚠ another machine/,
    );
  });

  it('does not judge fewer than 20 runs', async () => {
    const index = await RunIndex.open(folder);
    const points = index.metric('single-tool-latency:latency.p50', { limit: 19 });
    index.close();
    expect(await changesOf('single-tool-latency:latency.p50', points, folder)).toEqual({
      kind: 'not judged',
      reason: '19 runs in the history, 20 needed',
    });
  });
});
