/** What recording costs, and that memory stays bounded whatever is recorded. */
import { MetricsCollector, Monitoring } from 'mcp-dyno/host';
import { liveHeap, ratePerSecond, timeEach, us } from './measure.js';

export async function bench() {
  const rows = [];
  const rate = (what, bar, perSecond) => {
    rows.push({
      what,
      ...(bar && { bar: `≥ ${(bar / 1e6).toPrecision(2)} M/s`, pass: perSecond >= bar }),
      measured: `${(perSecond / 1e6).toPrecision(3)} M/s`,
    });
  };
  const metrics = new MetricsCollector();
  const labels = { 'mcp.method.name': 'tools/call', tool: 'echo', server: 'everything' };
  const counter = metrics.counter('calls', labels);
  const gauge = metrics.gauge('load', labels);
  const histogram = metrics.histogram('took', labels, { unit: 's' });
  const summary = metrics.summary('size', labels);
  const bound = 2e6;
  const count = 2_000_000;
  rate(
    'bound handle, counter',
    bound,
    ratePerSecond(() => counter.add(), { count }),
  );
  rate(
    'bound handle, gauge',
    bound,
    ratePerSecond((i) => gauge.set(i), { count }),
  );
  rate(
    'bound handle, histogram',
    bound,
    ratePerSecond((i) => histogram.record((i % 1009) / 1000), { count }),
  );
  rate(
    'bound handle, summary',
    bound,
    ratePerSecond((i) => summary.record(i % 4999), { count }),
  );

  const tools = Array.from({ length: 100 }, (_, n) => `tool-${n}`);
  const named = 500_000;
  rate(
    'recordMetric, counter, 3 labels, 100 label sets',
    named,
    ratePerSecond(
      (i) =>
        metrics.recordMetric('by.name', 1, 'counter', {
          method: 'tools/call',
          tool: tools[i % 100],
          server: 'a',
        }),
      { count: 500_000 },
    ),
  );
  rate(
    'recordMetric, histogram, 3 labels, 100 label sets',
    named,
    ratePerSecond(
      (i) =>
        metrics.recordMetric('spread', i % 997, 'histogram', {
          method: 'tools/call',
          tool: tools[i % 100],
          server: 'a',
        }),
      { count: 500_000 },
    ),
  );
  rate(
    'recordMetric, a new label set each time (explosion)',
    undefined,
    ratePerSecond((i) => metrics.recordMetric('explodes', 1, 'counter', { tool: `t-${i}`, n: i }), {
      count: 300_000,
    }),
  );
  const monitoring = new Monitoring({ process: false });
  const operation = { side: 'client', method: 'tools/call', server: 'a', durationMs: 12, transport: 'tcp' };
  rate(
    'recordOperation (MCP conventions, 5 labels)',
    undefined,
    ratePerSecond((i) => monitoring.recordOperation({ ...operation, tool: tools[i % 100] }), {
      count: 300_000,
    }),
  );

  const handle = monitoring.operation({ side: 'client', method: 'tools/call', tool: 'echo', server: 'a' });
  rate(
    'operation handle',
    undefined,
    ratePerSecond((i) => handle.record(i % 50), { count: 2_000_000 }),
  );

  const retrieval = timeEach(() => metrics.getMetricsByName('spread'), { rounds: 300, warmup: 50 });
  rows.push({ what: 'getMetricsByName, 100 histograms, percentiles', measured: `p50 ${us(retrieval.p50)}` });
  const one = timeEach((i) =>
    metrics.getMetric('spread', { method: 'tools/call', tool: tools[i % 100], server: 'a' }),
  );
  rows.push({ what: 'getMetric, one histogram', measured: `p50 ${us(one.p50)}` });
  const scrape = timeEach(() => monitoring.prometheus(), { rounds: 100, warmup: 20 });
  rows.push({ what: 'Prometheus text, 100 histograms', measured: `p50 ${us(scrape.p50)}` });
  await monitoring.close();
  metrics.close();

  const memory = {
    title: 'Live heap while 3 metrics (counter, histogram, summary) get ever more label sets',
    head: ['label sets seen', 'series kept', 'live heap'],
    rows: [],
  };
  const exploding = new MetricsCollector();
  const before = liveHeap();
  let seen = 0;
  let atBound = 0;
  for (const target of [100, 1000, 10_000, 100_000, 1_000_000]) {
    for (; seen < target; seen++) {
      const set = { tool: `tool-${seen}`, session: `${seen}` };
      exploding.recordMetric('c', 1, 'counter', set);
      exploding.recordMetric('h', seen % 1000, 'histogram', set);
      exploding.recordMetric('s', seen % 1000, 'summary', set);
    }
    const heap = liveHeap() - before;
    if (target === 10_000) atBound = heap;
    memory.rows.push([target, exploding.size.series, `${(heap / 1e6).toFixed(1)} MB`]);
    if (target === 1_000_000) {
      rows.push({
        what: 'heap growth from 10,000 to 1,000,000 label sets',
        bar: '< 1 MB',
        measured: `${((heap - atBound) / 1e6).toFixed(2)} MB`,
        pass: heap - atBound < 1e6,
      });
    }
  }
  exploding.close();
  return { rows, curves: [memory] };
}
