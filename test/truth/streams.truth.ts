import { afterEach, describe, expect, it } from 'vitest';
import { patternSentence, StreamThread, Summary, type StreamReport } from '../../src/load/index.js';
import type { StreamTruthStats } from '../../src/reference/index.js';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import { startTruthServer, type TruthServer, type TruthServerKind } from '../fixtures/truth-servers.js';
import { getInventory, record } from './truth-run.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

let server: TruthServer | undefined;
let thread: StreamThread | undefined;
let bench: OpenedBench | undefined;
afterEach(async () => {
  await thread?.close();
  await bench?.close();
  await server?.stop();
  server = undefined;
  thread = undefined;
  bench = undefined;
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function holding(url: string, era: 'session' | 'stateless', resources: string[] = []): StreamThread {
  thread = new StreamThread({
    target: {
      kind: 'http',
      url,
      headers: {},
      era,
      protocolVersion: era === 'session' ? '2025-11-25' : '2026-07-28',
    },
    resources,
    openTimeoutMs: 30_000,
  });
  return thread;
}

function quantiles(report: StreamReport): { p50: number; p95: number } {
  const latency = new Summary();
  latency.addDelta(report.latency!);
  return { p50: latency.histogram.quantile(0.5)!, p95: latency.histogram.quantile(0.95)! };
}

describe('event latency of a server that emits at known times', () => {
  it.each([
    ['reference', 'session', 1],
    ['reference', 'session', 200],
    ['reference', 'stateless', 200],
    ['independent', 'session', 1],
    ['independent', 'session', 50],
  ] as [TruthServerKind, 'session' | 'stateless', number][])(
    '%s, %s era, %i streams',
    { retry: 3, timeout: 120_000 },
    async (kind, era, streams) => {
      server = await startTruthServer(kind, ['--tick', '100ms', '--tick-delay', '20ms']);
      // The independent server sends its ticks as log messages, which need no subscription.
      const held = holding(server.url, era, kind === 'reference' ? ['dyno://tick'] : []);
      await held.raise(streams);
      await server.reset();
      await wait(5000);
      const report = (await held.close())!;
      const { delivery } = ((await server.stats()) as unknown as { streams: StreamTruthStats }).streams;
      const { p50, p95 } = quantiles(report);
      expect(report).toMatchObject({ opened: streams, dropped: 0, gaps: 0, duplicates: 0 });
      expect(delivery.count).toBeGreaterThan(10 * streams);
      expect(Math.abs(p50 - delivery.p50Ms)).toBeLessThanOrEqual(2);
      expect(p50).toBeGreaterThan(19);
      record({
        claim: `event latency, ${streams} streams (${era} era), each event sent 20 ms after its time stamp: p50, p95`,
        server: kind,
        truth: `${delivery.p50Ms.toFixed(1)}, ${delivery.p95Ms.toFixed(1)} ms`,
        measured: `${p50.toFixed(1)}, ${p95.toFixed(1)} ms`,
        tolerance: '2 ms at p50',
      });
    },
  );
});

it('names the time after which a server ends idle streams', { retry: 2, timeout: 60_000 }, async () => {
  server = await startTruthServer('reference', ['--stream-idle', '3s']);
  const held = holding(server.url, 'session');
  await held.raise(40);
  await wait(4500);
  const report = (await held.close())!;
  expect(report).toMatchObject({ opened: 40, dropped: 40 });
  expect(report.pattern?.ms).toBeGreaterThan(2900);
  expect(report.pattern?.ms).toBeLessThan(3300);
  record({
    claim: 'streams that a server ends when they are idle',
    server: 'reference',
    truth: '3 s',
    measured: patternSentence(report.pattern!),
    tolerance: '0.3 s: the server looks every 50 ms',
  });
});

async function bytesPerStream(...knobs: string[]) {
  bench = await openBench({
    spec: { kind: 'reference', transport: 'http', args: knobs },
    startTimeoutMs: 20_000,
    pid: 'auto',
  });
  await bench.ready();
  const { result } = await runSuiteTest(bench, 'streams', {
    profile: 'quick',
    parameters: { streams: 1500, steps: 10, duration: 500 },
    operations: [getInventory],
  });
  await bench.close();
  expect(result.status, result.reason).toBe('pass');
  return result.metrics['streams.bytes_per_stream']!;
}

it('tells what a stream takes of the target', { retry: 2, timeout: 240_000 }, async () => {
  const without = await bytesPerStream();
  const with60 = await bytesPerStream('--bytes-per-stream', '60kb');
  const found = with60.value! - without.value!;
  expect(found).toBeGreaterThan(60_000 * 0.75);
  expect(found).toBeLessThan(60_000 * 1.25);
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  const ci = with60.ci95 == null ? '' : ` (95 %: ${kB(with60.ci95[0])} to ${kB(with60.ci95[1])})`;
  record({
    claim: 'memory of the target for each stream, with 60 kB more than without',
    server: 'reference',
    truth: '60 kB',
    measured: `${kB(without.value!)} without, ${kB(with60.value!)}${ci} with: ${kB(found)} more`,
    tolerance: '25 %',
  });
});
