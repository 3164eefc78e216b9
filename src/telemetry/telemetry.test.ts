import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TargetReport } from '../core/index.js';
import { OperationTotals, FailureTotals } from '../load/index.js';
import type { LoadPlan } from '../plan/load-plan.js';
import { runResult } from '../report/run.fixture.js';
import type { SuiteTest, TestProgress } from '../suite/index.js';
import { LiveMetrics, Telemetry, type TelemetryOptions } from './index.js';

const target: TargetReport = {
  kind: 'http',
  url: 'http://127.0.0.1:3001/mcp',
  protocolVersion: '2025-11-25',
  serverInfo: { name: 'acme', version: '1' },
};
const test = { id: 'load' } as SuiteTest;
const planOf = (): LoadPlan =>
  ({
    operations: [{ name: 'tools/call echo', method: 'tools/call', tool: 'echo', weight: 1, params: [] }],
  }) as never;

/** Progress of a load with calls of these durations (ms), and so many that timed out. */
function progress(plan: LoadPlan, okMs: number[], timeouts = 0): TestProgress {
  const totals = new OperationTotals();
  for (const ms of okMs) {
    totals.ok++;
    totals.latency.histogram.record(ms);
    totals.latency.sumMs += ms;
  }
  totals.failed[totals.failed.length - 1]! += timeouts;
  return {
    test,
    phase: '',
    plan,
    target: { t: 0, cpuPercent: 50, rssBytes: 1e8, pssBytes: null, fds: null, threads: null, processes: 1 },
    load: {
      elapsedMs: 1500,
      totalMs: 2000,
      operations: [totals],
      offered: okMs.length + timeouts,
      dropped: 0,
      failures: new FailureTotals(),
      points: [],
    },
  };
}

describe('live metrics', () => {
  it('are requests as the semantic conventions for MCP have them, calls by outcome, and the target', () => {
    const live = new LiveMetrics(target);
    live.look(progress(planOf(), [0.4, 0.4, 30, 400_000], 2));
    const [durations, calls, ...others] = live.metrics();
    expect(durations).toMatchObject({ name: 'mcp.client.operation.duration', unit: 's', kind: 'histogram' });
    if (durations?.kind !== 'histogram') throw new Error('no histogram');
    const [point] = durations!.points;
    expect(point!.labels).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'echo',
      'gen_ai.operation.name': 'execute_tool',
      'mcp.protocol.version': '2025-11-25',
      'network.transport': 'tcp',
      'server.address': '127.0.0.1',
      'server.port': '3001',
      'dyno.test': 'load',
    });
    const bucket = (bound: number) => point!.counts[durations.bounds.indexOf(bound)];
    expect([bucket(0.0005), bucket(0.05), point!.counts.at(-1), point!.count]).toEqual([2, 1, 1, 4]);
    expect(point!.sum).toBeCloseTo(400.0308, 4);
    expect(calls!.points.map((one) => [one.labels['dyno.outcome'], 'value' in one && one.value])).toEqual([
      ['ok', 4],
      ['timeout', 2],
    ]);
    expect(others.map(({ name, points: [one] }) => [name, one && 'value' in one && one.value])).toEqual([
      ['dyno.offered', 6],
      ['dyno.dropped', 0],
      ['dyno.load.elapsed', 1.5],
      ['dyno.target.memory', 1e8],
      ['dyno.target.cpu', 0.5],
    ]);
  });

  it('add up over the loads of a test, and read the same however often they are read', () => {
    const live = new LiveMetrics(target);
    const [first, second] = [planOf(), planOf()];
    live.look(progress(first, [1]));
    live.look(progress(first, [1, 2, 3]));
    live.look(progress(second, [4]));
    live.look(progress(second, [4, 5]));
    const counts = () =>
      live.metrics().map(({ points: [one] }) => one && ('count' in one ? one.count : one.value));
    expect(counts().slice(0, 3)).toEqual([5, 5, 5]);
    expect(counts().slice(0, 3)).toEqual([5, 5, 5]);
  });
});

describe('telemetry', () => {
  let folder = '';
  let problems: string[];
  let telemetry: Telemetry | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dyno-telemetry-'));
    problems = [];
  });
  afterEach(async () => {
    await telemetry?.stop();
    telemetry = undefined;
    await rm(folder, { recursive: true, force: true });
  });
  const start = async (
    output: TelemetryOptions['outputs'][number],
    part: Partial<TelemetryOptions> = {},
  ): Promise<Telemetry> => {
    telemetry = await Telemetry.start({
      outputs: [output],
      target,
      intervalMs: 20,
      timeoutMs: 300,
      resolve: (path) => join(folder, path),
      onProblem: (sentence) => problems.push(sentence),
      ...part,
    });
    return telemetry;
  };

  it('writes a Prometheus file while the run goes on, and its result at the end', async () => {
    const running = await start({ format: 'prometheus', path: 'out/dyno.prom' });
    running.look(progress(planOf(), [0.4, 30]));
    await expect
      .poll(() => readFile(join(folder, 'out/dyno.prom'), 'utf8').catch(() => ''))
      .toContain(
        'mcp_client_operation_duration_seconds_bucket{mcp_method_name="tools/call",gen_ai_tool_name="echo"',
      );
    const run = runResult();
    expect(await running.end(run)).toEqual([{ format: 'prometheus', path: 'out/dyno.prom' }]);
    const text = await readFile(join(folder, 'out/dyno.prom'), 'utf8');
    expect(text).toContain(`dyno_run_info{run="${run.id}"`);
    expect(text).toContain(`dyno_run_exit_code ${run.verdict.exitCode}\n`);
    const value = run.tests[1]!.metrics['latency.p99']!.value;
    expect(text).toContain(`dyno_latency_p99_milliseconds{test="${run.tests[1]!.id}"} ${value}\n`);
    expect(await readdir(join(folder, 'out'))).toEqual(['dyno.prom']);
  });

  it('serves a scraper for as long as the run lasts', async () => {
    const running = await start({ format: 'prometheus', path: ':0' }, { intervalMs: 60_000 });
    running.look(progress(planOf(), [1, 2, 3]));
    const [place] = running.places;
    expect(place).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const response = await fetch(place!);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toContain('dyno_offered_total 3\n');
    expect((await fetch(place!.replace('metrics', 'other'))).status).toBe(404);
    expect(await running.end(runResult())).toEqual([{ format: 'prometheus', path: place }]);
    await expect(fetch(place!)).rejects.toThrow();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const busy = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    await expect(start({ format: 'prometheus', path: busy })).rejects.toMatchObject({
      message: expect.stringContaining(`Cannot serve Prometheus metrics at ${busy}`) as string,
      exitCode: 104,
    });
    taken.close();
  });

  describe('to a collector', () => {
    interface Metric {
      name: string;
      histogram?: {
        dataPoints: { count: number; sum: number; bucketCounts: number[]; explicitBounds: number[] }[];
      };
      gauge?: { dataPoints: { asDouble: number }[] };
    }
    let bodies: { type: string | undefined; resource: Record<string, string>; metrics: Metric[] }[];
    let answer: (response: ServerResponse) => void;
    const collector = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.on('end', () => {
        const [resource] = (
          JSON.parse(text) as {
            resourceMetrics: {
              resource: { attributes: { key: string; value: { stringValue: string } }[] };
              scopeMetrics: { metrics: Metric[] }[];
            }[];
          }
        ).resourceMetrics;
        bodies.push({
          type: request.headers['content-type'],
          resource: Object.fromEntries(
            resource!.resource.attributes.map(({ key, value }) => [key, value.stringValue]),
          ),
          metrics: resource!.scopeMetrics[0]!.metrics,
        });
        answer(response);
      });
    });
    let url = '';
    beforeEach(async () => {
      bodies = [];
      answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      collector.listen(0, '127.0.0.1');
      await once(collector, 'listening');
      url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/metrics`;
    });
    afterEach(async () => {
      collector.closeAllConnections();
      await new Promise((resolve) => collector.close(resolve));
    });

    it('goes again and again, cumulative, and a last time with the result', async () => {
      const running = await start({ format: 'otlp', path: url });
      const plan = planOf();
      running.look(progress(plan, [0.4]));
      await expect.poll(() => bodies.length).toBeGreaterThan(0);
      running.look(progress(plan, [0.4, 30, 31]));
      expect(await running.end(runResult())).toEqual([{ format: 'otlp', path: url }]);
      const counts = bodies.map(({ metrics }) => metrics[0]!.histogram?.dataPoints[0]?.count ?? 0);
      expect(counts[0]).toBe(1);
      expect(counts.at(-1)).toBe(3);
      expect(counts).toEqual([...counts].sort());
      const last = bodies.at(-1)!;
      expect(last.type).toBe('application/json');
      expect(last.resource).toEqual({
        'service.name': 'mcp-dyno',
        'dyno.server.name': 'acme',
        'dyno.server.version': '1',
        'dyno.target': target.url,
      });
      expect(last.metrics[0]!.name).toBe('mcp.client.operation.duration');
      expect(last.metrics[0]!.histogram!.dataPoints[0]!.sum).toBeCloseTo(0.0614);
      expect(last.metrics.find(({ name }) => name === 'dyno.run.exit_code')!.gauge!.dataPoints).toMatchObject(
        [{ asDouble: runResult().verdict.exitCode }],
      );
      expect(problems).toEqual([]);
    });

    it('says once that a collector refuses, and goes on', async () => {
      answer = (response) => response.writeHead(400).end();
      const running = await start({ format: 'otlp', path: url });
      running.look(progress(planOf(), [1]));
      await expect.poll(() => bodies.length).toBeGreaterThan(2);
      expect(problems).toMatchObject([expect.stringContaining(`Metrics are not taken by otlp=${url}`)]);
      expect(await running.end(runResult())).toEqual([]);
      expect(problems).toHaveLength(1);
    });

    it('is not held up by one that hangs or is dead', async () => {
      answer = () => undefined;
      const running = await start({ format: 'otlp', path: url }, { timeoutMs: 100 });
      running.look(progress(planOf(), [1]));
      expect(await running.end(runResult())).toEqual([]);
      expect(problems).toHaveLength(1);
      const dead = await start({ format: 'otlp', path: 'http://127.0.0.1:9/v1/metrics' }, { timeoutMs: 100 });
      expect(await dead.end(runResult())).toEqual([]);
      expect(problems).toHaveLength(2);
    });
  });
});
