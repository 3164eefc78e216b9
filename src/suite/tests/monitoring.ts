import { batchMeansInterval, mean } from '../../analysis/index.js';
import type { MetricSnapshot, Monitoring } from '../../host/index.js';
import { shortfall, timeEach } from '../services/repeat.js';
import type { Timings } from '../services/timings.js';
import type { SuiteTest } from '../suite-test.js';

/** Recording goes in blocks of a hundredth of the whole, so that its rate has an interval. */
const blocks = 100;
const metric = 'dyno.suite.duration';

/** Recording metrics in many label sets, and reading them. */
export const monitoring: SuiteTest = {
  id: 'monitoring',
  title: 'Recording and reading metrics',
  tags: ['performance', 'services'],
  originalName: 'test_monitoring_performance',
  explain:
    "Records values of a histogram in many label sets in this process, with mcp-dyno's own monitoring, then reads all of " +
    'them back with their percentiles, again and again, and writes them in the Prometheus format. Shows how many values are ' +
    'recorded in a second (record_rate), and how long reading all of them takes (retrieval_time, the mean, and ' +
    'retrieval_time.*). Decides PERF_MIN_METRIC_THROUGHPUT and PERF_MAX_METRIC_RETRIEVAL_MS; and itself that what is read ' +
    'is what was recorded, label set by label set.',
  parameters: {
    records: { what: 'values recorded', smoke: 1000, quick: 10_000, full: 10_000, min: 100, max: 10_000_000 },
    labelSets: { what: 'label sets', smoke: 100, quick: 100, full: 100, min: 1, max: 20_000 },
    retrievals: { what: 'times that all are read', smoke: 20, quick: 100, full: 100, min: 1, max: 10_000 },
  },
  limitMs: (parameters) =>
    5000 +
    Number(parameters['records']) / 100 +
    Number(parameters['labelSets']) * Number(parameters['retrievals']) * 0.5,
  async run(context) {
    const host = await import('../../host/index.js');
    const labelSets = context.number('labelSets');
    const options = { maxSeriesPerMetric: labelSets, maxSeries: labelSets + 100 };
    const collector = new host.MetricsCollector(options);
    const labels = Array.from({ length: labelSets }, (_, index) => ({
      tool: `tool-${index}`,
      method: 'tools/call',
      server: `server-${index % 10}`,
    }));
    const size = Math.floor(context.number('records') / blocks);
    let recorded = 0;
    const blockTimes = await timeEach({
      count: blocks,
      stop: context.stop,
      work: () => {
        for (let i = 0; i < size; i++, recorded++) {
          collector.recordMetric(metric, (recorded % 997) / 1000, 'histogram', labels[recorded % labelSets]!);
        }
      },
    });
    const rates = blockTimes.values().map((ms) => (size * 1000) / ms);
    const asked = context.number('retrievals');
    const faults = new Set<string>();
    const reading = await timeEach({
      count: asked,
      stop: context.stop,
      work: () => collector.getMetricsByName(metric),
      check: (series) => {
        const fault = faultOf(series, recorded, labelSets);
        if (fault !== undefined) faults.add(fault);
      },
    });
    collector.close();
    const scraping = await scrape(new host.Monitoring({ ...options, process: false }), labels, {
      count: Math.min(20, asked),
      stop: context.stop,
    });
    const rate = blockTimes.count === 0 ? null : (size * 1000) / mean(blockTimes.values());
    const retrieval = reading.metrics('retrieval_time');
    return {
      metrics: {
        record_rate: {
          value: rate,
          unit: 'ops/s',
          ci95: batchMeansInterval(rates, { batches: 10 }),
        },
        ...(reading.count === 0 ? {} : { retrieval_time: retrieval['retrieval_time.mean']! }),
        ...retrieval,
        ...scraping.metrics('scrape_time'),
      },
      operations: {
        'host/read all series': reading.operation(),
        'host/write for Prometheus': scraping.operation(),
      },
      histograms: reading.count > 0 ? { retrieval_time: reading.histogram() } : {},
      notes: [
        ...shortfall('blocks of values', blockTimes, blocks),
        ...shortfall('retrievals', reading, asked),
      ],
      details: { records: recorded, labelSets },
      ...(faults.size === 0 ? {} : { status: 'fail', reason: [...faults].join('; ') }),
    };
  },
};

/** What was recorded must be there: every value in the series of its labels, none elsewhere. */
function faultOf(series: readonly MetricSnapshot[], recorded: number, labelSets: number): string | undefined {
  const sets = Math.min(labelSets, recorded);
  if (series.length !== sets) return `${series.length} label sets were read, ${sets} were recorded`;
  for (const one of series) {
    const index = Number(/^tool-(\d+)$/.exec(one.labels['tool'] ?? '')?.[1] ?? NaN);
    const due = Math.floor(recorded / labelSets) + (index < recorded % labelSets ? 1 : 0);
    const count = 'count' in one ? one.count : NaN;
    if (count !== due) return `tool-${index} has ${count} values instead of ${due}`;
  }
  return undefined;
}

async function scrape(
  service: Monitoring,
  labels: readonly Readonly<Record<string, string>>[],
  { count, stop }: { count: number; stop: AbortSignal },
): Promise<Timings> {
  for (const one of labels) service.recordMetric(metric, 1, 'histogram', one);
  const timings = await timeEach({ count, stop, work: () => service.prometheus() });
  await service.close();
  return timings;
}
