import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/index.js';
import { Monitoring, secondsBuckets, type OtlpOptions } from './index.js';

interface Point {
  attributes: { key: string; value: Record<string, unknown> }[];
  startTimeUnixNano: string;
  timeUnixNano: string;
  asDouble?: number;
  count?: number;
  sum?: number;
  min?: number;
  max?: number;
  bucketCounts?: number[];
  explicitBounds?: number[];
}
interface Metric {
  name: string;
  unit: string;
  description: string;
  sum?: { dataPoints: Point[]; isMonotonic: boolean; aggregationTemporality: number };
  gauge?: { dataPoints: Point[] };
  histogram?: { dataPoints: Point[]; aggregationTemporality: number };
}
interface Body {
  resourceMetrics: {
    resource: { attributes: Point['attributes'] };
    scopeMetrics: { scope: { name: string }; metrics: Metric[] }[];
  }[];
}

describe('OTLP', () => {
  let received: { path: string; type: string | undefined; auth: string | undefined; body: Body }[];
  let answer: (response: ServerResponse) => void;
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const { 'content-type': type, authorization: auth } = request.headers;
      received.push({ path: request.url!, type, auth, body: JSON.parse(text) as Body });
      answer(response);
    });
  });
  let monitoring: Monitoring;
  let clock: FakeClock;
  let url: string;
  beforeEach(async () => {
    received = [];
    answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`;
    clock = new FakeClock();
    monitoring = new Monitoring({ clock, rules: [], process: false });
  });
  afterEach(async () => {
    await monitoring.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const start = (options: Partial<OtlpOptions> = {}) =>
    monitoring.exportOtlp({ url, timeoutMs: 2000, ...options });
  const metricsOf = (body: Body) =>
    new Map(body.resourceMetrics[0]!.scopeMetrics[0]!.metrics.map((metric) => [metric.name, metric]));
  const attributesOf = (list: Point['attributes']) =>
    Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));

  it('is received by an HTTP receiver, with every type of metric, its labels, unit and times', async () => {
    const begun = clock.wall();
    monitoring.recordMetric('jobs', 3, 'counter', { queue: 'mail' });
    monitoring.recordMetric('load', 0.5);
    for (const value of [1, 2, 3])
      monitoring.summary('size', {}, { unit: 'By', quantiles: [1] }).record(value);
    await clock.advance(1500);
    const otlp = await start({
      headers: { authorization: 'Bearer t' },
      resource: { 'host.name': 'h' },
      serviceName: 's',
    });
    await otlp.flush();
    expect(received).toHaveLength(1);
    const { path, type, auth, body } = received[0]!;
    expect([path, type, auth]).toEqual(['/v1/metrics', 'application/json', 'Bearer t']);
    expect(attributesOf(body.resourceMetrics[0]!.resource.attributes)).toEqual({
      'service.name': 's',
      'host.name': 'h',
    });
    const metrics = metricsOf(body);
    const jobs = metrics.get('jobs')!.sum!;
    expect(jobs).toMatchObject({
      isMonotonic: true,
      aggregationTemporality: 2,
      dataPoints: [{ asDouble: 3 }],
    });
    expect(attributesOf(jobs.dataPoints[0]!.attributes)).toEqual({ queue: 'mail' });
    expect(jobs.dataPoints[0]!.startTimeUnixNano).toBe(`${begun}000000`);
    expect(jobs.dataPoints[0]!.timeUnixNano).toBe(`${begun + 1500}000000`);
    expect(metrics.get('load')!.gauge!.dataPoints).toMatchObject([{ asDouble: 0.5 }]);
    expect(metrics.get('size')).toMatchObject({ unit: 'By', gauge: { dataPoints: [{ asDouble: 3 }] } });
    expect(metrics.get('size.count')!.sum).toMatchObject({
      isMonotonic: true,
      dataPoints: [{ asDouble: 3 }],
    });
    expect(metrics.get('size.sum')!.sum).toMatchObject({ isMonotonic: false, dataPoints: [{ asDouble: 6 }] });
    expect(otlp.report).toEqual({ exported: 1, failed: 0, lastError: null });
  });

  it('carries MCP requests as the semantic conventions have them', async () => {
    monitoring.recordOperation({
      side: 'client',
      method: 'tools/call',
      tool: 'echo',
      server: 'everything',
      durationMs: 30,
      protocolVersion: '2025-11-25',
      transport: 'tcp',
      serverAddress: '127.0.0.1',
      serverPort: 3001,
    });
    monitoring.recordOperation({
      side: 'client',
      method: 'tools/call',
      tool: 'echo',
      server: 'everything',
      durationMs: 400_000,
      errorType: '-32602',
      rpcCode: -32602,
    });
    monitoring.recordSession({ side: 'server', durationMs: 60_000, transport: 'pipe' });
    await (await start()).flush();
    const metrics = metricsOf(received[0]!.body);
    const { unit, histogram } = metrics.get('mcp.client.operation.duration')!;
    expect([unit, histogram!.aggregationTemporality]).toEqual(['s', 2]);
    const [fine, failed] = histogram!.dataPoints;
    expect(fine).toMatchObject({
      count: 1,
      sum: 0.03,
      min: 0.03,
      max: 0.03,
      explicitBounds: [...secondsBuckets],
    });
    // 0.03 s is in the bucket from 0.02 to 0.05; 400 s is beyond the last bound.
    expect(fine!.bucketCounts!.indexOf(1)).toBe(secondsBuckets.indexOf(0.05));
    expect(failed!.bucketCounts!.indexOf(1)).toBe(secondsBuckets.length);
    expect(attributesOf(fine!.attributes)).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'echo',
      'gen_ai.operation.name': 'execute_tool',
      'mcp.protocol.version': '2025-11-25',
      'network.transport': 'tcp',
      'server.address': '127.0.0.1',
      'server.port': '3001',
      'dyno.server': 'everything',
    });
    expect(attributesOf(failed!.attributes)).toMatchObject({
      'error.type': '-32602',
      'rpc.response.status_code': '-32602',
    });
    expect(metrics.get('mcp.server.session.duration')!.histogram!.dataPoints).toMatchObject([{ sum: 60 }]);
    expect(() => {
      monitoring.recordOperation({ side: 'client', method: 'ping', durationMs: NaN });
    }).toThrow(/duration of an MCP operation .* NaN/);
  });

  it('counts requests through a handle as those by recordOperation', () => {
    const kind = { side: 'server', method: 'tools/call', tool: 'echo', transport: 'tcp' } as const;
    const handle = monitoring.operation(kind);
    handle.record(5);
    handle.record(7, 'tool_error');
    handle.record(250, '-32603', -32603);
    handle.record(500, '-32603', -32603);
    const snapshots = monitoring.getMetricsByName('mcp.server.operation.duration');
    expect(snapshots.map((one) => [one.labels['error.type'], 'sum' in one && one.sum])).toEqual([
      [undefined, 0.005],
      ['tool_error', 0.007],
      ['-32603', 0.75],
    ]);
    monitoring.recordOperation({ ...kind, durationMs: 1 });
    monitoring.recordOperation({ ...kind, durationMs: 1, errorType: '-32603', rpcCode: -32603 });
    expect(monitoring.getMetricsByName('mcp.server.operation.duration')).toHaveLength(3);
    expect(() => {
      handle.record(-1);
    }).toThrow(/milliseconds, got -1/);
  });

  it('goes out at its interval, and a last time at the end; growth is cumulative', async () => {
    await start({ intervalMs: 60_000 });
    const jobs = monitoring.counter('jobs');
    for (const round of [1, 2, 3]) {
      jobs.add(10);
      await clock.advance(60_000);
      while (received.length < round) await new Promise((resolve) => setTimeout(resolve, 2));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    jobs.add(1);
    await monitoring.close();
    const values = received.map(({ body }) => metricsOf(body).get('jobs')!.sum!.dataPoints[0]!.asDouble);
    expect(values).toEqual([10, 20, 30, 31]);
  });

  it('counts failures, says why, and goes on', async () => {
    answer = (response) => response.writeHead(400).end('no');
    const otlp = await start();
    await expect(otlp.flush()).rejects.toThrow(/OTLP was not received by http:\/\/127.0.0.1:\d+: /);
    expect(otlp.report).toMatchObject({
      exported: 0,
      failed: 1,
      lastError: expect.stringContaining('not received') as string,
    });
    answer = (response) => response.end('{}');
    await otlp.flush();
    expect(otlp.report).toMatchObject({ exported: 1, failed: 1 });
  });

  it('does not wait for ever for a receiver that hangs', async () => {
    answer = () => undefined;
    const otlp = await start({ timeoutMs: 150 });
    const first = otlp.flush();
    expect(otlp.flush()).toBe(first);
    await expect(first).rejects.toThrow(/OTLP was not received/);
  });

  it('refuses what is no URL, and intervals that are none', async () => {
    await expect(start({ url: 'localhost:4318' })).rejects.toThrow(
      /OTLP receiver to be http\(s\), got "localhost:4318"/,
    );
    await expect(start({ intervalMs: 0 })).rejects.toThrow(/intervalMs .* got 0/);
  });
});
