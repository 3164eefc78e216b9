import { loadMetrics, localRunner } from '../../../dist/load/index.js';
import { inFlight, seconds, tool, url, warmupSeconds } from './common.js';

// The load engine itself, every answer parsed, checked and recorded; CPU is that of the whole process.
const stdio = url.startsWith('stdio:');
const [command, ...args] = stdio ? JSON.parse(url.slice(6)) : [];
const dialect = { era: 'session', protocolVersion: '2025-11-25' };
const target = stdio
  ? { kind: 'stdio', command, args, env: {}, ...dialect }
  : { kind: 'http', url, headers: {}, ...dialect };
const cpu = process.cpuUsage();
const report = await localRunner.run(
  {
    operations: [
      { name: 'tools/call get_inventory', method: 'tools/call', tool: tool.name, weight: 1, params: [tool] },
    ],
    executor: { kind: 'constant-vus', vus: inFlight, durationMs: seconds * 1000 },
    warmup: { kind: 'time', ms: warmupSeconds * 1000 },
    timeoutMs: 10_000,
    session: 'shared',
    seed: 1,
    workers: 1,
    gracefulStopMs: 2000,
  },
  target,
);
const metrics = loadMetrics(report);
const used = process.cpuUsage(cpu);
if (metrics['calls.failed'].value > 0) throw new Error(`calls failed: ${JSON.stringify(report.failures)}`);
// Unlike the peers' this holds thread start and warm-up as well, so it is shared by the calls of the warm-up too.
const calls = metrics['calls.total'].value + report.warmup.calls;
process.stdout.write(
  `${JSON.stringify({
    name: 'dyno',
    callsPerSecond: Math.round(metrics['throughput'].value),
    cpuPerCallUs: Number(((used.user + used.system) / calls).toFixed(2)),
    p50Ms: metrics['latency.p50'].value,
  })}\n`,
);
