import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/index.js';
import { MetricsCollector, overflowLabels, secondsBuckets, type MetricsOptions } from './index.js';

const collector = (options: MetricsOptions = {}) =>
  new MetricsCollector({ clock: new FakeClock(), ...options });

describe('recording', () => {
  it('adds to counters, sets gauges, and tells label sets apart whatever the order of their names', () => {
    const metrics = collector();
    metrics.recordMetric('jobs', 2, 'counter', { queue: 'mail', host: 'a' });
    metrics.recordMetric('jobs', 3, 'counter', { host: 'a', queue: 'mail' });
    metrics.recordMetric('jobs', 7, 'counter', { queue: 'print', host: 'a' });
    metrics.recordMetric('load', 0.5);
    metrics.recordMetric('load', 0.25);
    metrics.recordMetric('jobs', 1);
    expect(metrics.getMetric('jobs', { queue: 'mail', host: 'a' })).toMatchObject({
      type: 'counter',
      value: 5,
    });
    expect(metrics.getMetricsByName('jobs').map((one) => [one.labels, 'value' in one && one.value])).toEqual([
      [{ host: 'a', queue: 'mail' }, 5],
      [{ host: 'a', queue: 'print' }, 7],
      [{}, 1],
    ]);
    expect(metrics.getMetric('load')).toMatchObject({ type: 'gauge', value: 0.25 });
    expect(metrics.getMetric('load', { queue: 'mail' })).toBeUndefined();
    expect(metrics.getMetric('nothing')).toBeUndefined();
    expect(metrics.getMetricsByName('nothing')).toEqual([]);
  });

  it('sums up histograms and summaries, with percentiles where there are enough values', () => {
    const metrics = collector();
    for (let n = 1; n <= 100; n++) metrics.recordMetric('took', n / 1000, 'summary');
    const took = metrics.getMetric('took')!;
    if (took.type !== 'summary') throw new Error('not a summary');
    expect(took).toMatchObject({ count: 100, min: 0.001, max: 0.1, recent: 100, buckets: [] });
    expect(took.sum).toBeCloseTo(5.05, 10);
    expect(took.mean).toBeCloseTo(0.0505, 10);
    expect(took.percentiles.p50! / 0.05).toBeCloseTo(1, 2);
    expect(took.percentiles.p99! / 0.099).toBeCloseTo(1, 2);
    expect(took.percentiles.p999).toBeNull();
    for (let n = 1; n <= 19; n++) metrics.recordMetric('few', n, 'histogram');
    expect(metrics.getMetric('few')).toMatchObject({
      percentiles: { p90: expect.any(Number) as number, p95: null },
    });
  });

  it('puts values into buckets whose bounds belong to them', () => {
    const metrics = collector();
    const handle = metrics.histogram('took', { tool: 'echo' }, { buckets: [1, 2, 5] });
    for (const value of [0.5, 1, 1.5, 2, 5, 6, -1]) handle.record(value);
    expect(metrics.getMetric('took', { tool: 'echo' })).toMatchObject({
      buckets: [
        [1, 3],
        [2, 5],
        [5, 6],
        [Infinity, 7],
      ],
    });
    metrics.histogram('seconds', {}, { unit: 's' }).record(1);
    const seconds = metrics.getMetric('seconds')!;
    expect('buckets' in seconds && seconds.buckets.map(([bound]) => bound)).toEqual([
      ...secondsBuckets,
      Infinity,
    ]);
  });

  it('records the same through a handle as by name', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1000 }))),
        (records) => {
          const metrics = collector();
          const handles = [0, 1, 2, 3].map((n) => metrics.counter('by.handle', { n }));
          for (const [n, value] of records) {
            handles[n]!.add(value);
            metrics.recordMetric('by.name', value, 'counter', { n });
          }
          for (const [n] of records) {
            const one = metrics.getMetric('by.handle', { n });
            const other = metrics.getMetric('by.name', { n });
            expect(one).toEqual({ ...other, name: 'by.handle' });
          }
        },
      ),
    );
  });

  it('never takes one label set for another, whatever is in their texts', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '1', ':', '=', ',', '\u0000', '"', '\\'),
      maxLength: 6,
    });
    const labels = fc.dictionary(fc.constantFrom('a', 'b', 'a1', 'a_1'), text, { maxKeys: 3 });
    fc.assert(
      fc.property(fc.uniqueArray(labels, { maxLength: 30, selector: canonical }), (sets) => {
        const metrics = collector();
        sets.forEach((set, i) => {
          metrics.recordMetric('m', i, 'gauge', set);
        });
        expect(metrics.getMetricsByName('m')).toHaveLength(sets.length);
        sets.forEach((set, i) => {
          expect(metrics.getMetric('m', set)).toMatchObject({ value: i, labels: set });
        });
      }),
    );
  });

  it('takes numbers and booleans in labels, and cuts long texts rather than fail', () => {
    const metrics = collector();
    metrics.recordMetric('m', 1, 'counter', { code: 200, ok: true, tool: 'x'.repeat(5000) });
    const labels = metrics.getMetricsByName('m')[0]!.labels;
    expect(labels).toMatchObject({ code: '200', ok: 'true' });
    expect(labels['tool']).toHaveLength(200);
  });

  it('takes over totals that are counted elsewhere', () => {
    const metrics = collector();
    const handle = metrics.counter('c');
    handle.observe(40);
    handle.add(2);
    handle.observe(3);
    expect(metrics.getMetric('c')).toMatchObject({ value: 3 });
  });
});

describe('bounded memory', () => {
  it('puts label sets beyond the bound of a metric into one overflow series, and counts them', () => {
    const metrics = collector({ maxSeriesPerMetric: 10 });
    for (let n = 0; n < 1000; n++) metrics.recordMetric('m', 1, 'counter', { id: `id-${n}` });
    const all = metrics.getMetricsByName('m');
    expect(all).toHaveLength(11);
    expect(metrics.getMetric('m', overflowLabels)).toMatchObject({ value: 990 });
    expect(metrics.size).toEqual({ metrics: 1, series: 11, overflowed: 990 });
    metrics.recordMetric('m', 5, 'counter', { id: 'id-3' });
    expect(metrics.getMetric('m', { id: 'id-3' })).toMatchObject({ value: 6 });
  });

  it('bounds all metrics together as well', () => {
    const metrics = collector({ maxSeries: 20 });
    for (let n = 0; n < 100; n++) {
      for (const name of ['a', 'b', 'c']) metrics.recordMetric(name, 1, 'histogram', { n });
    }
    // The bound, and one overflow series for each of the metrics.
    expect(metrics.size.series).toBeLessThanOrEqual(20 + 3);
    const counted = ['a', 'b', 'c'].flatMap((name) => metrics.getMetricsByName(name));
    expect(counted.reduce((sum, one) => sum + ('count' in one ? one.count : 0), 0)).toBe(300);
  });

  it('does not grow however many label sets come', () => {
    const metrics = collector({ maxSeriesPerMetric: 100 });
    const explode = (count: number) => {
      for (let n = 0; n < count; n++)
        metrics.recordMetric('m', n, 'summary', { id: `${n}`, other: `${n % 7}` });
    };
    setFlagsFromString('--expose_gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const heap = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    explode(10_000);
    const before = heap();
    explode(200_000);
    expect(metrics.size.series).toBe(101);
    expect(heap() - before).toBeLessThan(2_000_000);
  });

  it('keeps no more of a text than it shows', () => {
    setFlagsFromString('--expose_gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const metrics = collector();
    for (let n = 0; n < 200; n++)
      metrics.recordMetric('m', 1, 'counter', { tool: `${n}${'x'.repeat(500_000)}` });
    expect(metrics.size.series).toBe(200);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    metrics.recordMetric('m', 1, 'counter', { tool: `7${'x'.repeat(500_000)}` });
    expect(metrics.getMetricsByName('m')[7]).toMatchObject({ value: 2 });
    // 200 texts of 500,000 characters would be 100 MB.
    expect(before).toBeLessThan(100_000_000);
  });

  it('refuses more metrics than it may have, since names come from code', () => {
    const metrics = collector({ maxMetrics: 3 });
    for (const name of ['a', 'b', 'c']) metrics.recordMetric(name, 1);
    expect(() => {
      metrics.recordMetric('d', 1);
    }).toThrow(/There are 3 metrics already; "d" is one too many/);
    metrics.recordMetric('a', 2);
  });
});

describe('time', () => {
  it('drops what is idle for longer than the retention, and lists it again with the next record', async () => {
    const clock = new FakeClock();
    const metrics = new MetricsCollector({ clock, retentionMs: 60_000 });
    const handle = metrics.counter('c', { n: 1 });
    handle.add();
    metrics.recordMetric('c', 1, 'counter', { n: 2 });
    for (let round = 0; round < 10; round++) {
      await clock.advance(30_000);
      metrics.recordMetric('c', 1, 'counter', { n: 2 });
    }
    expect(metrics.getMetricsByName('c').map((one) => one.labels)).toEqual([{ n: '2' }]);
    expect(metrics.size.series).toBe(1);
    handle.add(5);
    expect(metrics.getMetric('c', { n: 1 })).toMatchObject({ value: 5 });
    metrics.recordMetric('c', 1, 'counter', { n: 1 });
    handle.add(1);
    expect(metrics.getMetric('c', { n: 1 })).toMatchObject({ value: 7 });
    await clock.advance(200_000);
    expect(metrics.size.series).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('says when a series was last recorded to, to the second', async () => {
    const clock = new FakeClock();
    const metrics = new MetricsCollector({ clock });
    metrics.recordMetric('g', 1);
    const start = clock.wall();
    await clock.advance(5000);
    metrics.recordMetric('g', 2);
    await clock.advance(60_000);
    const { createdAt, updatedAt } = metrics.getMetric('g')!;
    expect(createdAt).toBe(start);
    expect(updatedAt - start).toBeGreaterThanOrEqual(5000);
    expect(updatedAt - start).toBeLessThanOrEqual(6000);
  });

  it('lets percentiles forget what is older than the window, but not the totals', async () => {
    const clock = new FakeClock();
    const metrics = new MetricsCollector({ clock, windowMs: 100_000, retentionMs: 1e9 });
    const took = metrics.summary('took');
    for (let n = 0; n < 50; n++) took.record(1000);
    await clock.advance(70_000);
    for (let n = 0; n < 50; n++) took.record(1);
    expect(metrics.getMetric('took')).toMatchObject({ recent: 100, percentiles: { p95: 1000 } });
    await clock.advance(40_000);
    expect(metrics.getMetric('took')).toMatchObject({
      count: 100,
      recent: 50,
      max: 1000,
      percentiles: { p95: 1 },
    });
    await clock.advance(1_000_000);
    expect(metrics.getMetric('took')).toMatchObject({ count: 100, recent: 0, percentiles: { p50: null } });
  });

  it('survives clocks that jump: forward drops what is old, backward nothing', async () => {
    class Jumping extends FakeClock {
      by = 0;
      override now() {
        return super.now() + this.by;
      }
    }
    const clock = new Jumping();
    const metrics = new MetricsCollector({ clock, retentionMs: 60_000 });
    metrics.recordMetric('g', 1);
    clock.by = -1e9;
    await clock.advance(5000);
    expect(metrics.getMetric('g')).toMatchObject({ value: 1 });
    clock.by = 1e9;
    metrics.recordMetric('h', 1);
    await clock.advance(1000);
    expect(metrics.getMetric('h')).toMatchObject({ value: 1 });
    await clock.advance(61_000);
    expect(metrics.size.series).toBe(0);
  });
});

describe('wrong input', () => {
  it.each<[string, (metrics: MetricsCollector) => void, RegExp]>([
    ['an empty name', (m) => m.recordMetric('', 1), /name of a metric .* got ""/],
    ['a name with a space', (m) => m.recordMetric('a b', 1), /got "a b"/],
    ['a name of 300', (m) => m.recordMetric('x'.repeat(300), 1), /at most 255 letters/],
    ['an unknown type', (m) => m.recordMetric('m', 1, 'meter' as 'gauge'), /type of metric m .* "meter"/],
    ['another type', (m) => m.recordMetric('g', 1, 'counter'), /g is a gauge, .* as a counter/],
    ['NaN', (m) => m.recordMetric('m', NaN), /value of metric "m" to be a finite number, got NaN/],
    ['Infinity', (m) => m.recordMetric('m', Infinity, 'summary'), /finite number, got Infinity/],
    ['a text', (m) => m.recordMetric('m', '1' as unknown as number, 'histogram'), /finite number, got "1"/],
    ['a falling counter', (m) => m.recordMetric('m', -1, 'counter'), /from 0 for a counter, got -1/],
    ['a reserved label', (m) => m.recordMetric('m', 1, 'histogram', { le: '1' }), /reserved .* got "le"/],
    ['an unreadable label', (m) => m.recordMetric('m', 1, 'gauge', { 'a-b': 1 }), /got "a-b"/],
    [
      'labels that are one',
      (m) => m.recordMetric('m', 1, 'gauge', { 'a.b': 1, a_b: 2 }),
      /each once .* got "a_b"/,
    ],
    [
      'an object as label',
      (m) => m.recordMetric('m', 1, 'gauge', { a: {} as string }),
      /label a .* an object/,
    ],
    ['40 labels', (m) => m.recordMetric('m', 1, 'gauge', many(40)), /at most 32 labels, got 40/],
    [
      'names that are one',
      (m) => {
        m.recordMetric('g.x', 1);
        m.recordMetric('g_x', 1);
      },
      /g_x .* g.x is/,
    ],
    [
      'a line of another',
      (m) => {
        m.recordMetric('h', 1, 'summary');
        m.recordMetric('h_sum', 1);
      },
      /h is/,
    ],
    ['falling buckets', (m) => void m.histogram('b', {}, { buckets: [2, 1] }), /buckets .* growing/],
    ['a quantile of 2', (m) => void m.summary('q', {}, { quantiles: [2] }), /quantiles .* between 0 and 1/],
  ])('%s is refused in one sentence', (_name, record, message) => {
    const metrics = collector();
    metrics.recordMetric('g', 1, 'gauge');
    expect(() => {
      record(metrics);
    }).toThrow(message);
    expect(metrics.getMetric('g')).toMatchObject({ value: 1 });
  });

  it('refuses bounds that are none', () => {
    expect(() => collector({ retentionMs: 0 })).toThrow(/retentionMs to be a number above 0, got 0/);
    expect(() => collector({ maxSeries: NaN })).toThrow(/maxSeries .* got NaN/);
  });
});

function canonical(labels: Record<string, string>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function many(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`l${n}`, n]));
}
