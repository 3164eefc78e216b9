import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrometheusParser, prometheusParserMissing } from '../../../test/fixtures/prometheus-parser.js';
import { FakeClock } from '../../core/index.js';
import { MetricsCollector } from './metrics-collector.js';
import { prometheusText } from './prometheus.js';

const missing = prometheusParserMissing();
if (missing !== undefined) console.warn(`Skipped: reading Prometheus text back, since ${missing}`);

const collector = () => new MetricsCollector({ clock: new FakeClock() });

describe('the Prometheus text', () => {
  it('is as the format asks, to the letter', () => {
    const metrics = collector();
    metrics.describe('jobs.done', { type: 'counter', help: 'Jobs \\ done,\nby queue.' });
    metrics.recordMetric('jobs.done', 3, 'counter', { queue: 'a "b"\\\n', 'net.host': 'x' });
    metrics.recordMetric('temperature', -1.5, 'gauge');
    metrics.histogram('took', { tool: 'echo' }, { unit: 's', buckets: [0.1, 1] }).record(0.25);
    metrics.summary('size', {}, { unit: 'By', quantiles: [0.5] }).record(7);
    expect(prometheusText(metrics.families())).toBe(
      [
        '# HELP jobs_done_total Jobs \\\\ done,\\nby queue.',
        '# TYPE jobs_done_total counter',
        'jobs_done_total{net_host="x",queue="a \\"b\\"\\\\\\n"} 3',
        '# TYPE temperature gauge',
        'temperature -1.5',
        '# TYPE took_seconds histogram',
        'took_seconds_bucket{tool="echo",le="0.1"} 0',
        'took_seconds_bucket{tool="echo",le="1"} 1',
        'took_seconds_bucket{tool="echo",le="+Inf"} 1',
        'took_seconds_sum{tool="echo"} 0.25',
        'took_seconds_count{tool="echo"} 1',
        '# TYPE size_bytes summary',
        'size_bytes{quantile="0.5"} 7',
        'size_bytes_sum 7',
        'size_bytes_count 1',
        '',
      ].join('\n'),
    );
  });

  it('leaves out what was described but never recorded to, and is empty for nothing', () => {
    const metrics = collector();
    metrics.describe('never', { type: 'gauge', help: 'x' });
    expect(prometheusText(metrics.families())).toBe('');
  });

  it('stays text that UTF-8 can carry, in one line per series', () => {
    const metrics = collector();
    metrics.recordMetric('m', 1, 'gauge', { a: 'x\ud800y\rz' });
    const text = prometheusText(metrics.families());
    expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
    expect(text).toBe('# TYPE m gauge\nm{a="x\ufffdy z"} 1\n');
  });
});

describe.skipIf(missing !== undefined)(
  "the Prometheus text, read back by Prometheus's Python client,",
  () => {
    let parser: PrometheusParser;
    beforeAll(() => {
      parser = new PrometheusParser();
    });
    afterAll(async () => {
      await parser.close();
    });

    it('has NaN for the quantiles of a summary without recent values', async () => {
      const clock = new FakeClock();
      const metrics = new MetricsCollector({ clock, windowMs: 1000, retentionMs: 1e9 });
      metrics.summary('s', {}, { quantiles: [0.5] }).record(1);
      await clock.advance(60_000);
      const [family] = await parser.parse(prometheusText(metrics.families()));
      expect(family!.samples.map(({ name, labels, value }) => [name, labels, value])).toEqual([
        ['s', { quantile: '0.5' }, NaN],
        ['s_sum', {}, 1],
        ['s_count', {}, 1],
      ]);
    });

    it('has timestamps in milliseconds where they are wanted', async () => {
      const clock = new FakeClock();
      const metrics = new MetricsCollector({ clock });
      metrics.recordMetric('g', 1);
      const at = clock.wall() / 1000;
      await clock.advance(30_000);
      const [family] = await parser.parse(prometheusText(metrics.families(), { timestamps: true }));
      expect(family!.samples[0]!.timestamp).toBeGreaterThanOrEqual(at);
      expect(family!.samples[0]!.timestamp).toBeLessThanOrEqual(at + 1);
    });

    it('is what was recorded, whatever is in labels and help', async () => {
      const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((one) => !one.includes('\r'));
      const odd = fc.oneof(
        text,
        fc.constantFrom(
          '"',
          '\\',
          '\n',
          '\\n',
          '\\"',
          '{a="b"} 1',
          '# TYPE x counter',
          '}',
          ',',
          '\u2028',
          ' ',
        ),
      );
      const records = fc.array(
        fc.record({
          label: odd,
          value: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
          type: fc.constantFrom(
            'counter' as const,
            'gauge' as const,
            'histogram' as const,
            'summary' as const,
          ),
        }),
        { minLength: 1, maxLength: 20 },
      );
      await fc.assert(
        fc.asyncProperty(records, odd, async (all, help) => {
          const metrics = collector();
          for (const { label, value, type } of all) {
            metrics.describe(`m.${type}`, { type, help });
            metrics.recordMetric(`m.${type}`, value, type, { label });
          }
          const families = await parser.parse(prometheusText(metrics.families()));
          expect(new Set(families.map((one) => one.type))).toEqual(new Set(all.map((one) => one.type)));
          for (const { type, name, help: read, samples } of families) {
            // The parser drops white space around the help.
            expect(read.trim()).toBe(help.trim());
            const expected = metrics.getMetricsByName(`m.${type}`).flatMap((one) => {
              const line = (suffix: string, value: number, extra = {}) => ({
                name: `${name}${suffix}`,
                labels: { label: one.labels['label'], ...extra },
                value,
                timestamp: null,
              });
              if ('value' in one) return [line(type === 'counter' ? '_total' : '', one.value)];
              return [
                ...(type === 'histogram'
                  ? one.buckets.map(([le, count]) =>
                      line('_bucket', count, { le: le === Infinity ? '+Inf' : String(le) }),
                    )
                  : one.quantiles.map(([quantile, value]) =>
                      line('', value!, { quantile: String(quantile) }),
                    )),
                line('_sum', one.sum),
                line('_count', one.count),
              ];
            });
            expect(samples).toEqual(expected);
          }
        }),
        { numRuns: 200 },
      );
    });
  },
);
