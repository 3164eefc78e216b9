import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../core/index.js';
import {
  baselineOf,
  findRun,
  listBaselines,
  mismatches,
  parseBaseline,
  prune,
  readBaseline,
  readRunFile,
  removeBaseline,
  RunIndex,
  saveBaseline,
  writeRunFile,
  writeWhole,
} from './index.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dyno-store-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const idOf = (day: number) =>
  `2026-11-${String(day).padStart(2, '0')}T10-00-00Z-00${String(day).padStart(2, '0')}`;

function run(day: number, part: Partial<RunResult> = {}): RunResult {
  const ms = (value: number) => ({ value, unit: 'ms', ci95: [value * 0.9, value * 1.1] as [number, number] });
  return {
    schema: 'dyno.run/1',
    id: idOf(day),
    startedAt: `2026-11-${String(day).padStart(2, '0')}T10:00:00.000Z`,
    durationMs: 1000,
    tool: { name: 'mcp-dyno', version: '0.1.0' },
    environment: {
      node: 'v20',
      os: 'linux',
      cpu: 'Some CPU',
      cores: 2,
      memoryBytes: 8e9,
      git: { commit: `abc${day}`, dirty: false },
    },
    target: {
      kind: 'http',
      url: 'http://127.0.0.1/mcp',
      serverInfo: { name: 'acme', version: String(day) },
      tools: 3,
    },
    plan: {},
    tests: [
      {
        id: 'load',
        title: '',
        tags: [],
        status: 'pass',
        durationMs: 1000,
        metrics: {
          'latency.p50': ms(1 + day / 100),
          'latency.p99': { value: null, unit: 'ms', ci95: null },
          'calls.total': { value: 100, unit: 'count' },
        },
        thresholds: [],
        failures: [],
        operations: { 'tools/call echo': { metrics: {} } },
        series: { t: [] },
        histograms: {},
        samples: [],
        notJudged: [],
        notes: [],
      },
    ],
    verdict: { status: day % 2 ? 'pass' : 'fail', exitCode: day % 2 ? 0 : 99, sentence: '', exercised: '' },
    warnings: [],
    ...part,
  };
}

async function listed(filter = {}): Promise<string[]> {
  const index = await RunIndex.open(folder);
  try {
    return index.list(filter).map(({ id, status }) => `${id.slice(8, 10)} ${status}`);
  } finally {
    index.close();
  }
}

describe('run files', () => {
  it('read back as they were written, compressed or plain', async () => {
    const path = await writeRunFile(folder, run(1));
    expect([...(await readFile(path)).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    expect(await readRunFile(path)).toEqual(run(1));
    await writeFile(join(folder, 'plain.json'), JSON.stringify(run(2)));
    expect(await readRunFile(join(folder, 'plain.json'))).toEqual(run(2));
  });

  it('say in a sentence what is wrong with them', async () => {
    const path = await writeRunFile(folder, run(1));
    const whole = await readFile(path);
    const cases: [string | Buffer, RegExp][] = [
      [whole.subarray(0, whole.length / 2), /is damaged: unexpected end of file/],
      [Buffer.concat([whole.subarray(0, 40), Buffer.alloc(60)]), /is damaged: /],
      ['{"schema": "dyno.run/1"', /is damaged: .*JSON/],
      ['', /is damaged/],
      ['[]', /no run of this version: expected dyno.run\/1, it names no schema/],
      [JSON.stringify({ ...run(1), schema: 'dyno.run/9' }), /its schema is 'dyno.run\/9'/],
      [JSON.stringify({ ...run(1), tests: [{ id: 'load' }] }), /one of its tests is incomplete/],
      [JSON.stringify({ ...run(1), target: null }), /target.* is missing/],
    ];
    for (const [content, message] of cases) {
      await writeFile(path, content);
      await expect(readRunFile(path)).rejects.toThrow(message);
      await expect(readRunFile(path)).rejects.toMatchObject({ exitCode: 104 });
    }
    await expect(readRunFile(join(folder, 'none'))).rejects.toThrow(/cannot be read/);
  });

  it('are whole or not there when the disk is full: nothing half-written stays', async () => {
    const path = join(folder, 'x', 'run.json.gz');
    // What the file system says when it is full; the write fails half way, after the file was begun.
    const data = new Proxy(new Uint8Array(10), {
      get: () => {
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      },
    });
    await expect(writeWhole(path, data)).rejects.toThrow(/ENOSPC|no space/);
    expect(await readdir(join(folder, 'x'))).toEqual([]);
    await writeFile(join(folder, 'file'), '');
    await expect(writeRunFile(join(folder, 'file'), run(1))).rejects.toThrow(
      /cannot be written to .*: E(NOTDIR|EXIST)/,
    );
  });

  it('are found by path, folder, part of the id, and as the latest', async () => {
    const [first, second] = [await writeRunFile(folder, run(1)), await writeRunFile(folder, run(2))];
    expect(await findRun(folder, first)).toBe(first);
    expect(await findRun(folder, join(folder, idOf(1)))).toBe(first);
    expect(await findRun(folder, '0002')).toBe(second);
    expect(await findRun(folder, 'latest')).toBe(second);
    await expect(findRun(folder, '2026-11')).rejects.toThrow(/could be 2 runs/);
    await expect(findRun(folder, 'zzz')).rejects.toThrow(/no run 'zzz'/);
    await expect(findRun(join(folder, 'none'), 'latest')).rejects.toThrow(/no runs in/);
  });

  it('are pruned by count and age, the newest never', async () => {
    for (let day = 1; day <= 6; day++) await writeRunFile(folder, run(day));
    const now = new Date('2026-11-06T12:00:00Z');
    expect(await prune(folder, { keep: 4 }, now)).toEqual([idOf(2), idOf(1)]);
    expect(await prune(folder, { maxAgeMs: 1.5 * 86_400_000 }, now)).toEqual([idOf(4), idOf(3)]);
    expect(await prune(folder, { maxAgeMs: 1 }, new Date('2030-01-01'))).toEqual([idOf(5)]);
    expect(await listed()).toEqual(['06 fail']);
  });
});

describe('the index', () => {
  it('lists, filters and takes up what comes and goes', async () => {
    for (let day = 1; day <= 5; day++) await writeRunFile(folder, run(day));
    expect(await listed({ limit: 3 })).toEqual(['05 pass', '04 fail', '03 pass']);
    expect(await listed({ status: 'fail' })).toEqual(['04 fail', '02 fail']);
    expect(await listed({ commit: 'abc3' })).toEqual(['03 pass']);
    expect(await listed({ target: 'ACME 5' })).toEqual(['05 pass']);
    expect(await listed({ since: '2026-11-04' })).toEqual(['05 pass', '04 fail']);
    await rm(join(folder, idOf(5)), { recursive: true });
    await writeRunFile(folder, run(6));
    expect(await listed({ limit: 2 })).toEqual(['06 fail', '04 fail']);
    const index = await RunIndex.open(folder);
    expect(index.size).toBe(5);
    expect(index.metric('load:latency.p50').map(({ value }) => value)).toEqual([
      1.01, 1.02, 1.03, 1.04, 1.06,
    ]);
    expect(index.metric('load:latency.p99')).toEqual([]);
    expect(index.metricNames()).toEqual(['load:latency.p50', 'load:calls.total']);
    index.close();
  });

  it('is built again when it is damaged, of another version, or of another shape', async () => {
    for (let day = 1; day <= 3; day++) await writeRunFile(folder, run(day));
    const all = ['03 pass', '02 fail', '01 pass'];
    expect(await listed()).toEqual(all);
    const path = join(folder, 'index.sqlite');
    const good = await readFile(path);
    const newer = Buffer.from(good);
    newer.writeUInt32BE(99, 60);
    const older = Buffer.from(good);
    older.writeUInt32BE(1, 60);
    for (const bytes of [
      Buffer.from('no database at all'.repeat(500)),
      good.subarray(0, 5000),
      newer,
      older,
      Buffer.alloc(0),
    ]) {
      await writeFile(path, bytes);
      expect(await listed()).toEqual(all);
      expect((await readFile(path)).readUInt32BE(60)).toBe(2);
    }
  });

  it('lists all the same where it cannot be written or another process holds it, and outlives a killed one', async () => {
    await writeRunFile(folder, run(1));
    await mkdir(join(folder, 'index.sqlite'));
    expect(await listed()).toEqual(['01 pass']);
    await rm(join(folder, 'index.sqlite'), { recursive: true });
    const lock = join(folder, 'index.sqlite.lock');
    await mkdir(lock);
    expect(await listed()).toEqual(['01 pass']);
    expect(await readdir(folder)).toContain('index.sqlite.lock');
    await utimes(lock, new Date(0), new Date(0));
    expect(await listed()).toEqual(['01 pass']);
    expect(await readdir(folder)).not.toContain('index.sqlite.lock');
  });

  it('shows a damaged run as one, and no run that is still being written', async () => {
    await writeRunFile(folder, run(1));
    await mkdir(join(folder, idOf(2)));
    await mkdir(join(folder, idOf(3)));
    await writeFile(join(folder, idOf(3), 'run.json.gz'), 'junk');
    expect(await listed()).toEqual(['03 damaged', '01 pass']);
    await writeRunFile(folder, run(2));
    expect(await listed()).toEqual(['03 damaged', '02 fail', '01 pass']);
  });

  it('loses nothing when many runs end and many lists are made at once', async () => {
    const days = Array.from({ length: 20 }, (_, i) => i + 1);
    await Promise.all(days.map(async (day) => [await writeRunFile(folder, run(day)), await listed()]));
    expect(await listed({ limit: 100 })).toHaveLength(20);
  });
});

describe('baselines', () => {
  it('are small, and the same for the same run whatever the order of its parts', async () => {
    const result = run(1);
    const turned = structuredClone(result);
    turned.tests[0]!.metrics = Object.fromEntries(Object.entries(turned.tests[0]!.metrics).reverse());
    const first = await readFile(await saveBaseline(folder, baselineOf('main', result)), 'utf8');
    const second = await readFile(await saveBaseline(folder, baselineOf('main', turned)), 'utf8');
    expect(second).toBe(first);
    expect(first).toContain('"latency.p50": { "value": 1.01, "unit": "ms", "ci95": [ 0.909, 1.111 ] }');
    expect(await readBaseline(folder, 'main')).toEqual(baselineOf('main', result));
    expect(await listBaselines(folder)).toEqual(['main']);
    await removeBaseline(folder, 'main');
    await expect(removeBaseline(folder, 'main')).rejects.toThrow(/no baseline 'main'/);
  });

  it('refuse what nothing can be compared with, in a sentence', async () => {
    const nothing = run(1);
    nothing.tests[0]!.metrics['calls.total']!.value = 0;
    expect(() => baselineOf('main', nothing)).toThrow(/made no calls/);
    expect(() => baselineOf('../main', run(1))).toThrow(/no name for a baseline/);
    const good = baselineOf('main', run(1));
    const zero = structuredClone(good);
    zero.tests['load']!.metrics['calls.total']!.value = 0;
    const cases: [string, RegExp][] = [
      ['{', /is damaged/],
      [
        JSON.stringify({ ...good, schema: 'dyno.baseline/2' }),
        /expected dyno.baseline\/1, its schema is 'dyno.baseline\/2'/,
      ],
      [JSON.stringify({ ...good, tests: { load: {} } }), /a part of it is missing/],
      [JSON.stringify(zero), /has no samples/],
    ];
    for (const [text, message] of cases) expect(() => parseBaseline(text, 'main.json')).toThrow(message);
    await expect(readBaseline(folder, 'none')).rejects.toThrow(/no baseline 'none'/);
  });

  it('name what makes a run hard to compare: tools first, then the machine', () => {
    const other = run(2, {
      environment: { ...run(2).environment, cores: 4 },
      target: { ...run(2).target, tools: 5 },
    });
    other.tests[0]!.operations = { 'tools/call add': { metrics: {} } };
    const baseline = baselineOf('main', run(1));
    expect(mismatches(baseline, run(2))).toEqual([]);
    expect(mismatches(baseline, other).map((one) => one.text)).toEqual([
      'Other tool set, number of tools: 3 in the baseline, now 5.',
      'Other tools called in load: without echo, with add.',
      'Other machine: Some CPU × 2 in the baseline, now Some CPU × 4.',
    ]);
  });
});
