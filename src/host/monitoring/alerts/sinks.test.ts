import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, systemClock } from '../../../core/index.js';
import {
  commandSink,
  logSink,
  SinkQueue,
  webhookSink,
  type AlertNotification,
  type AlertSink,
} from './index.js';

const notification = (over: Partial<AlertNotification['alert']> = {}): AlertNotification => ({
  kind: 'firing',
  at: Date.UTC(2026, 10, 22, 12),
  alert: {
    id: 'alert-1',
    rule: 'hot',
    severity: 'error',
    state: 'active',
    labels: { tool: 'echo' },
    value: 95,
    op: '>',
    threshold: 90,
    summary: 'hot: temperature is 95, > 90 for tool=echo',
    description: '',
    activeAt: 0,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    ...over,
  },
});

const never = new AbortController().signal;

describe('the log sink', () => {
  it('writes one line, which no text of a server can break out of', async () => {
    const lines: string[] = [];
    const sink = logSink({ write: (line) => lines.push(line) });
    await sink.send(notification(), never);
    await sink.send(notification({ summary: 'x\n2026 RESOLVED \u001b[2Jfake' }), never);
    expect(lines).toEqual([
      '2026-11-22T12:00:00.000Z FIRING [error] hot: temperature is 95, > 90 for tool=echo (alert-1)\n',
      '2026-11-22T12:00:00.000Z FIRING [error] x 2026 RESOLVED fake (alert-1)\n',
    ]);
  });

  it('writes JSON where that is wanted', async () => {
    const lines: string[] = [];
    await logSink({ format: 'json', write: (line) => lines.push(line) }).send(notification(), never);
    expect(JSON.parse(lines[0]!)).toEqual(notification());
  });
});

describe('the webhook sink', () => {
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    answer(request, response);
  });
  let url: string;
  beforeEach(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/secret-token`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('posts the notification as JSON, with headers', async () => {
    let seen: unknown;
    answer = (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const { method, headers } = request;
        seen = {
          method,
          type: headers['content-type'],
          key: headers['x-key'],
          body: JSON.parse(body) as unknown,
        };
        response.writeHead(204).end();
      });
    };
    await webhookSink({ url, headers: { 'x-key': 'k' } }).send(notification(), never);
    expect(seen).toEqual({ method: 'POST', type: 'application/json', key: 'k', body: notification() });
  });

  it('fails for any status but 2xx, for redirects, and when nobody answers in time', async () => {
    answer = (_request, response) => response.writeHead(500).end('no');
    await expect(webhookSink({ url }).send(notification(), never)).rejects.toThrow(
      'it answered with HTTP status 500',
    );
    answer = (_request, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end();
    await expect(webhookSink({ url }).send(notification(), never)).rejects.toThrow(/redirect/);
    answer = () => undefined;
    await expect(webhookSink({ url }).send(notification(), AbortSignal.timeout(100))).rejects.toThrow(
      /timeout/,
    );
  });

  it('is named by its host alone, since the path may be the secret', () => {
    const sink = webhookSink({ url });
    expect(sink.name).toMatch(/^webhook 127\.0\.0\.1:\d+$/);
    expect(() => webhookSink({ url: 'file:///etc/passwd' })).toThrow(/URL of a webhook to be http\(s\)/);
  });
});

describe('the command sink', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'dyno-sink-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const node = (script: string) =>
    commandSink({ command: process.execPath, args: ['-e', script, directory], name: 'n' });

  it('gives the notification on stdin, without a shell', async () => {
    const hostile = notification({ labels: { tool: '$(touch x); `id` "' } });
    const script = `process.stdin.pipe(require('fs').createWriteStream(process.argv[1] + '/seen'))`;
    await node(script).send(hostile, never);
    expect(JSON.parse(readFileSync(join(directory, 'seen'), 'utf8'))).toEqual(hostile);
  });

  it('fails with the exit code and the last words of the program', async () => {
    const sink = node(`console.error('no such channel'); process.exit(3)`);
    await expect(sink.send(notification(), never)).rejects.toThrow(
      /it ended with exit code 3: no such channel/,
    );
    const missing = commandSink({ command: join(directory, 'missing') });
    await expect(missing.send(notification(), never)).rejects.toThrow(/it cannot be started: .*missing/);
    expect(() => commandSink({ command: '' })).toThrow(/name of a program/);
  });

  it('leaves no process behind when it takes too long, its children included', async () => {
    const script = `
      const { spawn } = require('child_process');
      const inner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      require('fs').writeFileSync(process.argv[1] + '/pids', process.pid + ' ' + inner.pid);
      setInterval(() => {}, 1000);`;
    const pids = () => {
      try {
        return readFileSync(join(directory, 'pids'), 'utf8').split(' ').map(Number);
      } catch {
        return [];
      }
    };
    const stop = new AbortController();
    const sent = node(script).send(notification(), stop.signal);
    const refused = expect(sent).rejects.toThrow('too long');
    while (pids().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error('too long'));
    await refused;
    const end = Date.now() + 5000;
    while (pids().some(alive) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(pids().filter(alive)).toEqual([]);
  });
});

describe('delivery', () => {
  const collected = (send: AlertSink['send'], clock = new FakeClock(), options = {}) => {
    const results: string[] = [];
    const queue = new SinkQueue({ name: 's', send }, clock, options, (_sink, result) => results.push(result));
    return { queue, results, clock };
  };

  it('tries again, then gives up and says why', async () => {
    let attempts = 0;
    const { queue, results, clock } = collected(() => {
      attempts++;
      return attempts < 3 ? Promise.reject(new Error(`no \u001b[31m${attempts}`)) : Promise.resolve();
    });
    queue.push(notification());
    await clock.advance(999);
    expect(attempts).toBe(1);
    await clock.advance(2001);
    expect([attempts, results]).toEqual([3, ['sent']]);
    attempts = -100;
    queue.push(notification());
    await clock.advance(10_000);
    expect(results).toEqual(['sent', 'failed']);
    expect(queue.report).toEqual({
      name: 's',
      sent: 1,
      failed: 1,
      dropped: 0,
      waiting: 0,
      lastError: 'no -97',
    });
  });

  it('gives up on a sink that hangs, even on one that does not heed its signal', async () => {
    const { queue, results, clock } = collected(() => new Promise(() => undefined), undefined, {
      attempts: 1,
      timeoutMs: 2000,
    });
    queue.push(notification());
    await clock.advance(2000);
    expect(results).toEqual(['failed']);
    expect(queue.report.lastError).toBe('it took longer than 2000 ms');
    await queue.idle();
    expect(clock.pending).toBe(0);
  });

  it('keeps the order, lets a bounded number wait, and drops the rest', async () => {
    const seen: string[] = [];
    const { queue, results, clock } = collected(
      async ({ alert }) => {
        await new Promise<void>((resolve) => clock.after(100, resolve));
        seen.push(alert.id);
      },
      undefined,
      { maxWaiting: 3 },
    );
    for (let n = 0; n < 10; n++) queue.push(notification({ id: `a${n}` }));
    await clock.advance(10_000);
    // One is under way, three wait.
    expect(seen).toEqual(['a0', 'a1', 'a2', 'a3']);
    expect(queue.report).toMatchObject({ sent: 4, dropped: 6 });
    expect(results.filter((result) => result === 'dropped')).toHaveLength(6);
  });

  it('ends in time when it is closed, and takes nothing more', async () => {
    const { queue } = collected(() => new Promise(() => undefined), systemClock as FakeClock, {
      timeoutMs: 50,
    });
    queue.push(notification());
    await queue.close();
    queue.push(notification());
    expect(queue.report).toMatchObject({ failed: 1, dropped: 1 });
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that its reaper has not collected yet is gone for us.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
