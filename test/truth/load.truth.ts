import { afterEach, describe, expect, it } from 'vitest';
import { generatorReport, loadMetrics, totalOf, type LoadReport } from '../../src/load/index.js';
import {
  availableTruthServers,
  startTruthServer,
  type TruthServer,
  type TruthServerKind,
} from '../fixtures/truth-servers.js';
import { httpTarget, record, runLoad, undisturbed } from './truth-run.js';

const { kinds, missing } = availableTruthServers();
for (const what of missing) console.warn(`load.truth skips ${what}`);

let server: TruthServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const start = async (kind: TruthServerKind, args: string[]) => (server = await startTruthServer(kind, args));
const q = (report: LoadReport, share: number) => totalOf(report).latency.histogram.quantile(share)!;
const round = (ms: number) => Number(ms.toFixed(ms < 10 ? 2 : 1));

describe.each(kinds)('against the server that counts itself (%s)', (kind) => {
  it(
    'finds the percentiles that the server counted: 20 ms for 98 % and 400 ms for 2 %',
    { timeout: 200_000 },
    async () => {
      const truth = await start(kind, [
        '--service-time',
        '20ms',
        '--slow-share',
        '2%',
        '--slow-time',
        '400ms',
      ]);
      const report = await undisturbed(async () => {
        await truth.reset();
        return runLoad(httpTarget(truth.url), {
          executor: {
            kind: 'constant-arrival-rate',
            rate: 100,
            durationMs: 30_000,
            vus: 50,
            arrivals: 'constant',
            maxWaiting: 1000,
          },
        });
      });
      const { residence, calls } = await truth.stats();
      expect(totalOf(report).ok).toBe(calls);
      for (const [name, share, counted] of [
        ['p50', 0.5, residence.p50Ms],
        ['p95', 0.95, residence.p95Ms],
        ['p99', 0.99, residence.p99Ms],
      ] as const) {
        // The way to the server and back, and two schedulers: 3 % or 2 ms, whichever is more.
        const tolerance = Math.max(2, counted * 0.03);
        record({
          claim: `20 ms for 98 %, 400 ms for 2 %, open at 100/s: ${name}`,
          server: kind,
          truth: `${round(counted)} ms`,
          measured: `${round(q(report, share))} ms`,
          tolerance: `3 % or 2 ms: network and schedulers`,
        });
        expect(Math.abs(q(report, share) - counted)).toBeLessThanOrEqual(tolerance);
      }
    },
  );

  it('shows a stall in latency and queue wait, and calls the run valid', { timeout: 200_000 }, async () => {
    const truth = await start(kind, ['--stall', '500ms/2s']);
    // Whole cycles of 2 s, so that a quarter of the time is stalled whatever the phase.
    const report = await undisturbed(() =>
      runLoad(httpTarget(truth.url), {
        executor: {
          kind: 'constant-arrival-rate',
          rate: 100,
          durationMs: 30_000,
          vus: 10,
          arrivals: 'constant',
          maxWaiting: 1000,
        },
      }),
    );
    const wait = report.queueWait.histogram;
    record({
      claim: 'stall of 0.5 s every 2 s, open at 100/s over 10 connections: p90',
      server: kind,
      truth: '305 ms',
      measured: `${round(q(report, 0.9))} ms`,
      tolerance: '25 ms: the stall itself is a timer of the server',
    });
    record({
      claim: 'the same: p99',
      server: kind,
      truth: '480 ms',
      measured: `${round(q(report, 0.99))} ms`,
      tolerance: '25 ms',
    });
    record({
      claim: 'the same: queue wait p90',
      server: kind,
      truth: '205 ms',
      measured: `${round(wait.quantile(0.9)!)} ms`,
      tolerance: '–',
    });
    expect(Math.abs(q(report, 0.9) - 305)).toBeLessThanOrEqual(25);
    expect(Math.abs(q(report, 0.99) - 480)).toBeLessThanOrEqual(25);
    // Ten of the fifty that fall into a stall are in flight; the others wait 400, 390, … ms: p90 of all waits is 205 ms.
    expect(Math.abs(wait.quantile(0.9)! - 205)).toBeLessThanOrEqual(60);
    // Only the generator's own lateness could make it invalid, and a stall of the server is none.
    expect(generatorReport(report).evidence.filter((each) => !each.includes('late'))).toEqual([]);
  });

  it('reaches the possible rate of 8 slots of 10 ms', { timeout: 60_000 }, async () => {
    const truth = await start(kind, ['--slots', '8', '--service-time', '10ms']);
    await truth.reset();
    const report = await runLoad(httpTarget(truth.url), {
      executor: { kind: 'constant-vus', vus: 16, durationMs: 10_000 },
      warmup: { kind: 'time', ms: 500 },
    });
    const { service } = await truth.stats();
    // What 8 slots can carry at the service time that the server really had, by its own count.
    const possible = (8 * 1000) / (service.sumMs / service.count);
    const throughput = loadMetrics(report)['throughput']!.value!;
    record({
      claim: '8 slots of 10 ms, 16 in flight: throughput',
      server: kind,
      truth: `${round(possible)}/s`,
      measured: `${round(throughput)}/s`,
      tolerance: '3 %: hand-over between calls',
    });
    expect(Math.abs(throughput / possible - 1)).toBeLessThanOrEqual(0.03);
  });

  it('never blames the generator for a server that waits', { timeout: 60_000 }, async () => {
    const truth = await start(kind, ['--service-time', '50ms']);
    const report = await runLoad(httpTarget(truth.url), {
      executor: { kind: 'constant-vus', vus: 4, durationMs: 2000 },
    });
    expect(generatorReport(report)).toMatchObject({ limited: false, evidence: [] });
    expect(generatorReport(report).busyPercent).toBeLessThan(50);
  });

  it(
    'records 100 answers of 100 ms as 100 samples of 100 ms (autocannon makes 10,000 of them)',
    { timeout: 60_000 },
    async () => {
      const truth = await start(kind, ['--service-time', '100ms']);
      const report = await runLoad(httpTarget(truth.url), {
        executor: { kind: 'shared-iterations', vus: 1, iterations: 100, maxDurationMs: 60_000 },
      });
      const { latency } = totalOf(report);
      record({
        claim: '100 answers of 100 ms: samples and p50',
        server: kind,
        truth: '100 samples, 100 ms',
        measured: `${latency.count} samples, ${round(q(report, 0.5))} ms`,
        tolerance: '3 ms: network and timers',
      });
      expect(latency.count).toBe(100);
      expect(Math.abs(q(report, 0.5) - 100)).toBeLessThanOrEqual(3);
      expect(latency.minMs).toBeGreaterThan(98);
    },
  );
});
