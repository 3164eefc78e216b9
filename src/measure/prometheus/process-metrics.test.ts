import fc from 'fast-check';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MetricsSampler } from './metrics-sampler.js';
import { ProcessMetricsReader } from './process-metrics.js';
import { readMetricsEndpoint } from './read-endpoint.js';

const read = (...pieces: string[]) => {
  const reader = new ProcessMetricsReader();
  for (const piece of pieces) reader.push(piece);
  return reader.end();
};

/** As prom-client 15 and the Go client write it. */
const usual = [
  '# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.',
  '# TYPE process_cpu_seconds_total counter',
  'process_cpu_seconds_total 1.25',
  '# TYPE process_resident_memory_bytes gauge',
  'process_resident_memory_bytes 5.0122752e+07',
  'process_open_fds{app="a } b \\" c"} 23 1395066363000',
  'process_open_fds_of_others 9',
  'other_total{process_open_fds="1"} 4',
  'process_threads 11',
].join('\n');

describe('process metrics in Prometheus text', () => {
  it('are read by name, with labels and times', () => {
    expect(read(usual)).toEqual({ rssBytes: 50_122_752, cpuMs: 1250, fds: 23, threads: 11 });
  });

  it('are the same however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(usual.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), usual.length];
        const pieces = at.slice(1).map((end, index) => usual.slice(at[index], end));
        expect(read(...pieces)).toEqual(read(usual));
      }),
    );
  });

  it('of several processes add up', () => {
    const text = 'process_resident_memory_bytes{pid="1"} 10\nprocess_resident_memory_bytes{pid="2"} 32\n';
    expect(read(text).rssBytes).toBe(42);
  });

  it.each(['NaN', '+Inf', '-5', 'x', '', '0x', '1e400', '{', 'a b c d'])('are not told by %j', (value) => {
    expect(read(`process_resident_memory_bytes ${value}\n`).rssBytes).toBeNull();
  });

  it('are found behind a line without end, which is not kept', () => {
    const reader = new ProcessMetricsReader();
    for (let i = 0; i < 1000; i++) reader.push('process_open_fds{a="'.repeat(50));
    reader.push('\nprocess_open_fds 7\n');
    expect(reader.end().fds).toBe(7);
  });

  it('take any text at all', () => {
    fc.assert(fc.property(fc.string(), (text) => void read(`process_open_fds{${text}\n${text}`)));
  });
});

describe('a metrics endpoint', () => {
  let server: Server;
  const serve = async (listener: RequestListener) => {
    server = createServer(listener).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  };
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('gives memory, CPU between two looks, and says what it does not tell', async () => {
    let cpu = 1;
    const url = await serve((_, answer) => {
      answer.end(`process_resident_memory_bytes 9e6\nprocess_cpu_seconds_total ${(cpu += 10)}\n`);
    });
    const sampler = new MetricsSampler(url);
    expect(await sampler.sample()).toMatchObject({ rssBytes: 9e6, cpuPercent: null, fds: null });
    expect((await sampler.sample()).cpuPercent).toBeGreaterThan(0);
    expect(sampler.cpuMs).toBeCloseTo(10_000, 6);
    expect(sampler.missing).toEqual(['file descriptors, threads, PSS: the metrics endpoint does not tell']);
  });

  it('is not read without end', async () => {
    const url = await serve((_, answer) => {
      const more = () => {
        while (answer.write('# noise\n'.repeat(10_000)));
      };
      answer.on('drain', more);
      more();
    });
    await expect(readMetricsEndpoint(url)).rejects.toThrow('the answer is longer than 8 MiB');
  });

  it.each<[string, RequestListener, string | RegExp]>([
    ['that is not there', (_, answer) => void answer.writeHead(404).end('no'), 'the status 404'],
    [
      'that sends elsewhere',
      (_, answer) => void answer.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
      'the status 302',
    ],
    ['that is none', (_, answer) => void answer.end('<html>'), 'no process_resident_memory_bytes'],
    ['that breaks off', (_, answer) => void answer.write('process_', () => answer.destroy()), /./],
  ])('%s is told', async (_, listener, words) => {
    await expect(readMetricsEndpoint(await serve(listener))).rejects.toThrow(words);
  });
});
