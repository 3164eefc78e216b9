import { afterEach, describe, expect, it } from 'vitest';
import { totalOf } from '../../src/load/index.js';
import {
  clearConditions,
  networkProfiles,
  readAddress,
  roundTripMs,
  startProxyThread,
  type NetworkConditions,
  type ProxyControl,
} from '../../src/network/index.js';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import { startTruthServer, type TruthServer } from '../fixtures/truth-servers.js';
import { getInventory, httpTarget, record, runLoad } from './truth-run.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

let server: TruthServer | undefined;
let proxy: ProxyControl | undefined;
let bench: OpenedBench | undefined;
afterEach(async () => {
  await proxy?.close();
  await bench?.close();
  await server?.stop();
  server = proxy = bench = undefined;
});

const calls = 40;

/** The median over a network, and how many bytes of a call passed it each way. */
async function measured(url: string, conditions: NetworkConditions) {
  await proxy!.setConditions(conditions);
  const before = await proxy!.stats();
  const report = await runLoad({ ...httpTarget(url), via: proxy!.address } as ReturnType<typeof httpTarget>, {
    executor: { kind: 'shared-iterations', vus: 1, iterations: calls, maxDurationMs: 120_000 },
  });
  const { bytes } = await proxy!.stats();
  expect(totalOf(report).ok).toBe(calls);
  const perCall = (side: 'up' | 'down') => (bytes[side] - before.bytes[side]) / (calls + 2);
  return {
    p50: totalOf(report).latency.histogram.quantile(0.5)!,
    up: perCall('up'),
    down: perCall('down'),
  };
}

describe('a simulated network', () => {
  it.each(networkProfiles.map(({ name, conditions }) => [name, conditions] as const))(
    '%s shifts the median by its round trip and the time that its link takes',
    { timeout: 200_000, retry: 2 },
    async (name, conditions) => {
      server = await startTruthServer('reference', ['--service-time', '5ms']);
      proxy = await startProxyThread({
        listen: { host: '127.0.0.1', port: 0 },
        upstream: readAddress(server.url, 'the server'),
        conditions: clearConditions(),
      });
      const clean = await measured(server.url, clearConditions());
      const shaped = await measured(server.url, conditions);
      const { up, down } = conditions;
      const link = (shaped.up / up.bandwidth + shaped.down / down.bandwidth) * 1000;
      const expected = roundTripMs(conditions) + link;
      const tolerance = up.jitterMs + down.jitterMs + 1;
      const shift = shaped.p50 - clean.p50;
      const { late } = await proxy.stats();
      record({
        claim: `network ${name}: shift of the median, one call after another`,
        server: 'reference',
        truth: `${expected.toFixed(2)} ms (${roundTripMs(conditions)} ms and ${link.toFixed(2)} ms for the bytes)`,
        // Where it does not hold, this says whether the machine kept the proxy waiting.
        measured: `${shift.toFixed(2)} ms (the proxy itself ${late.meanMs.toFixed(2)} ms late each way)`,
        tolerance: `${tolerance.toFixed(1)} ms: its jitter, and a millisecond`,
      });
      expect(Math.abs(shift - expected)).toBeLessThanOrEqual(tolerance);
    },
  );
});

it(
  'a cut of 3 s is recovered from after 3 s, and every call around it is accounted for exactly once',
  { timeout: 200_000, retry: 2 },
  async () => {
    bench = await openBench({
      spec: { kind: 'reference', transport: 'http', args: ['--service-time', '20ms'] },
      startTimeoutMs: 30_000,
      pid: 'none',
    });
    await bench.ready();
    const { result } = await runSuiteTest(bench, 'network-conditions', {
      profile: 'full',
      parameters: { networks: [1], duration: 500, restart: 0 },
      operations: [getInventory],
      defaults: { gracefulStopMs: 5000 },
    });
    const value = (name: string) => result.metrics[`cut.${name}`]?.value ?? NaN;
    record({
      claim: 'a cut of 3 s in an open load of 100/s: time to recovery',
      server: 'reference',
      truth: '3000 ms',
      measured: `${value('recovery')} ms`,
      tolerance: '200 ms',
    });
    record({
      claim: 'the same: ok + answered badly + answer lost + never arrived, against calls sent; done twice',
      server: 'reference',
      truth: `${value('calls.sent')}; 0`,
      measured:
        `${value('calls.ok')} + ${value('calls.answered_badly')} + ${value('calls.answer_lost')} + ` +
        `${value('calls.never_arrived')}; ${value('calls.doubled')}`,
      tolerance: 'none',
    });
    expect(result, result.reason).toMatchObject({ status: 'pass' });
    expect(Math.abs(value('recovery') - 3000)).toBeLessThanOrEqual(200);
    expect(
      value('calls.ok') +
        value('calls.answered_badly') +
        value('calls.answer_lost') +
        value('calls.never_arrived'),
    ).toBe(value('calls.sent'));
    expect(value('calls.doubled')).toBe(0);
  },
);
