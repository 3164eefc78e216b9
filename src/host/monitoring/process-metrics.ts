import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { MetricsCollector } from './metrics-collector.js';

/**
 * Measures this process at each call of `collect`: memory, heap, event-loop delay since the last call.
 * Names follow OpenTelemetry's conventions for processes and Node.js where there is one.
 */
export function processMetrics(metrics: MetricsCollector): { collect: () => void; stop: () => void } {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const help = (text: string, unit: string) => ({ help: text, unit });
  const rss = metrics.gauge('process.memory.usage', {}, help('Resident memory of this process.', 'By'));
  const heap = metrics.gauge(
    'dyno.process.heap.share',
    {},
    help('Heap in use, as a share of its limit.', '1'),
  );
  const lag = metrics.gauge(
    'nodejs.eventloop.delay.p99',
    {},
    help('Event-loop delay of this process, 99th percentile.', 's'),
  );
  return {
    collect() {
      rss.set(process.memoryUsage.rss());
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      heap.set(used / limit);
      const p99 = delay.percentile(99);
      lag.set(Number.isFinite(p99) ? Math.max(0, p99 / 1e9 - 0.02) : 0);
      delay.reset();
    },
    stop() {
      delay.disable();
    },
  };
}
