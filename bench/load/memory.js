/**
 * Memory of the generator over a long load against the near-free server: `node bench/load/memory.js --calls 10000000`, or
 * `--minutes 60` with 20 operations at a leisurely 200 calls/s. Prints RSS at the end of each tenth and the growth after the first.
 */
import { parseArgs } from 'node:util';
import { localRunner } from '../../dist/load/index.js';
import { startNearFreeServer } from '../near-free-server/near-free-server.js';

const { values } = parseArgs({
  options: {
    calls: { type: 'string' },
    minutes: { type: 'string', default: '60' },
    operations: { type: 'string', default: '20' },
  },
});
const operations = Array.from({ length: Number(values.operations) }, (_, i) => ({
  name: `tools/call get_inventory ${i}`,
  method: 'tools/call',
  tool: 'get_inventory',
  weight: 1 + (i % 3),
  params: [{ name: 'get_inventory', arguments: { item_id: `ITEM${String(i).padStart(3, '0')}` } }],
}));
const executor =
  values.calls === undefined
    ? { kind: 'constant-vus', vus: 4, durationMs: Number(values.minutes) * 60_000 }
    : { kind: 'shared-iterations', vus: 32, iterations: Number(values.calls), maxDurationMs: 3_600_000 };

const server = await startNearFreeServer(values.calls === undefined ? ['--service-ms', '20'] : []);
const samples = [];
const began = performance.now();
const timer = setInterval(
  () => samples.push([performance.now() - began, process.memoryUsage().rss / 1e6]),
  1000,
);
try {
  const report = await localRunner.run(
    {
      operations,
      executor,
      warmup: { kind: 'none' },
      timeoutMs: 10_000,
      session: 'shared',
      seed: 1,
      workers: 1,
      gracefulStopMs: 5000,
    },
    { kind: 'http', url: server.url, headers: {}, era: 'session', protocolVersion: '2025-11-25' },
  );
  const ok = report.operations.reduce((sum, totals) => sum + totals.ok, 0);
  const failed = report.operations.reduce((sum, totals) => sum + totals.failures, 0);
  const tenth = (i) => samples[Math.min(samples.length - 1, Math.floor((samples.length * i) / 10))];
  const peak = Math.max(...samples.map(([, rss]) => rss));
  console.log(
    `${ok} calls ok, ${failed} failed, ${(report.elapsedMs / 1000).toFixed(0)} s, ${operations.length} operations`,
  );
  console.log(
    `RSS of the whole generator, MB, by tenths: ${Array.from({ length: 10 }, (_, i) => tenth(i + 1)[1].toFixed(0)).join(' ')}`,
  );
  console.log(
    `peak ${peak.toFixed(0)} MB; growth from the first tenth to the end ${(tenth(10)[1] - tenth(1)[1]).toFixed(1)} MB`,
  );
} finally {
  clearInterval(timer);
  await server.stop();
}
