// Shows the live view for a while: node show-view.mjs [FRAMES]
import { LiveView } from '../../dist/live/index.js';

process.on('SIGINT', () => process.exit(105));
const frames = Number(process.argv[2] ?? 12);
const { stderr } = process;
const surface = {
  write: (text) => stderr.write(text),
  get columns() {
    return stderr.columns ?? 80;
  },
  get rows() {
    return stderr.rows ?? 24;
  },
  colours: true,
};
const view = new LiveView(surface, stderr.isTTY ? 'live' : 'plain');
const latency = { p50: 3.1, p90: 4.4, p99: 9.8, max: 31 };
for (let frame = 1; frame <= frames; frame++) {
  view.update(() => ({
    test: 'throughput-under-load',
    title: '',
    phase: '20 in flight',
    elapsedMs: frame * 100,
    totalMs: frames * 100,
    offered: 3000,
    achieved: 2900 + frame,
    calls: frame,
    failed: 3,
    inFlight: 10,
    dropped: 0,
    generatorBusy: 0.11,
    recent: latency,
    total: latency,
    series: {
      rate: Array.from({ length: 60 }, (_, i) => i % 9),
      p99: Array.from({ length: 60 }, (_, i) => i % 7),
    },
    target: { cpu: 98, rssMb: 143, slope: 0.9 },
    thresholds: [{ name: 'latency.p95 < 200 ms', status: 'pass' }],
    topErrors: [{ class: 'tool', message: 'a long message of a server '.repeat(10), count: 3 }],
  }));
  await new Promise((resolve) => setTimeout(resolve, 100));
}
view.line('✓ throughput-under-load');
view.stop();
process.stdout.write('THE END\n');
