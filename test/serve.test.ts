import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { startProgram } from './fixtures/start-program.js';

const dyno = 'bin/dyno.js';
const serve = (...args: string[]) =>
  startProgram(process.execPath, [dyno, 'serve', '--exit-with-stdin', ...args]);
const call = (id: number, name = 'get_inventory', args: object = { item_id: 'ITEM001' }) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
const post = (url: string, message: object) =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(message),
  });

describe('dyno serve over HTTP', () => {
  it('prints one line for programs and one for people, and ends on SIGTERM', async () => {
    const child = spawn(process.execPath, [dyno, 'serve'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
      child.kill('SIGTERM');
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    const { url, pid } = JSON.parse(out) as { url: string; pid: number };
    expect(pid).toBe(child.pid);
    expect(errors).toBe(`The reference server listens on ${url} (Ctrl-C ends it).\n`);
  });

  it('begins to serve only after its start delay', async () => {
    const started = performance.now();
    const server = await serve('--start-delay', '700ms');
    expect(performance.now() - started).toBeGreaterThan(700);
    await server.stop();
  });

  it('dies in the middle of the call after so many, with last words', async () => {
    const server = await serve('--no-sessions', '--die-after', '2');
    expect((await post(server.url, call(1))).status).toBe(200);
    expect((await post(server.url, call(2))).status).toBe(200);
    await expect(post(server.url, call(3))).rejects.toThrow();
    expect(await server.exited).toEqual({ code: 7, signal: null });
    expect(server.errors()).toContain('panic: the inventory is gone');
  });

  it('says when its port is taken', async () => {
    const server = await serve();
    const { port } = new URL(server.url);
    const second = spawnSync(process.execPath, [dyno, 'serve', '--port', port], { encoding: 'utf8' });
    expect(second.status).toBe(111);
    expect(second.stderr).toContain(`Cannot listen on 127.0.0.1:${port}: the port is in use`);
    await server.stop();
  });

  it.each([
    [
      ['--service-time', 'soon'],
      "Expected --service-time to be a duration such as 500ms, 30s or 1m30s, got 'soon'",
    ],
    [['--sevice-time', '2ms'], "Did you mean '--service-time'?"],
    [['--slots'], "option '--slots <number>' argument missing"],
    [['fast'], "dyno serve takes options only, got 'fast'"],
    [['--stdio', '--fail', 'http=1%'], '--fail http needs HTTP'],
  ])('refuses %j with 104', (args, sentence) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [dyno, 'serve', ...args], {
      encoding: 'utf8',
    });
    expect(status).toBe(104);
    expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
  });
});

describe('dyno serve that will not stop', () => {
  let child: ChildProcess | undefined;
  afterEach(() => {
    // Its own group, so that the child that it leaves behind goes with it.
    if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });

  it.each([[['--stdio']], [[]]])(
    'ignores the end of stdin and SIGTERM, and leaves a child: %j',
    async (args) => {
      child = spawn(process.execPath, [dyno, 'serve', '--ignore-stop', '--fork-child', ...args], {
        detached: true,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      child.stdin!.write(`${JSON.stringify({ ...call(1) })}\n`);
      await new Promise((resolve) => child!.stdout!.once('data', resolve));
      child.stdin!.end();
      child.kill('SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(child.exitCode).toBeNull();
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
        .trim()
        .split(' ');
      expect(children).toHaveLength(1);
    },
  );
});

describe('dyno serve over stdio', () => {
  let directory: string | undefined;
  afterEach(() => {
    if (directory !== undefined) rmSync(directory, { recursive: true });
    directory = undefined;
  });

  function start(...args: string[]) {
    const child = spawn(process.execPath, [dyno, 'serve', '--stdio', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      send: (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`),
      next: async () => JSON.parse((await lines.next()).value as string) as Record<string, unknown>,
      end: async () => {
        child.stdin.end();
        return new Promise((resolve) => child.once('close', resolve));
      },
    };
  }
  const initialize = (capabilities: object) => ({
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'test', version: '1' } },
  });

  it('answers, ends with its stdin, and leaves its counts in a file', async () => {
    directory = mkdtempSync(join(tmpdir(), 'dyno-serve-'));
    const file = join(directory, 'stats.json');
    const server = start('--stats-file', file, '--fail', 'tool=50%');
    for (let id = 1; id <= 4; id++) server.send(call(id));
    const answers = [await server.next(), await server.next(), await server.next(), await server.next()];
    expect(answers.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(answers.filter((answer) => JSON.stringify(answer).includes('"isError":true'))).toHaveLength(2);
    expect(await server.end()).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ calls: 4, outcomes: { ok: 2, tool: 2 } });
  });

  it('speaks the stateless era too', async () => {
    const server = start();
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    server.send({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta } });
    expect(await server.next()).toMatchObject({ result: { supportedVersions: ['2026-07-28'] } });
    await server.end();
  });

  it('asks the client back where it is interactive', async () => {
    const server = start('--interactive');
    server.send(initialize({ roots: {} }));
    await server.next();
    server.send(call(1, 'count_roots', {}));
    const asked = await server.next();
    expect(asked).toMatchObject({ method: 'roots/list' });
    server.send({
      jsonrpc: '2.0',
      id: asked['id'],
      result: { roots: [{ uri: 'file:///a' }, { uri: 'file:///b' }] },
    });
    expect(await server.next()).toMatchObject({ id: 1, result: { content: [{ text: '2 roots' }] } });
    await server.end();
  });

  it('reports the progress of the slow report', async () => {
    const server = start('--slow-report-time', '200ms');
    server.send({
      ...call(1),
      params: { name: 'slow_report', arguments: {}, _meta: { progressToken: 'p' } },
    });
    const seen: unknown[] = [];
    for (;;) {
      const message = await server.next();
      if (message['id'] === 1) break;
      seen.push((message['params'] as { progress: number }).progress);
    }
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort((a, b) => Number(a) - Number(b)));
    await server.end();
  });

  it('ticks at whole multiples of the wall clock', async () => {
    const server = start('--tick', '100ms');
    server.send(initialize({}));
    await server.next();
    server.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    server.send({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: 'dyno://tick' } });
    await server.next();
    for (let i = 0; i < 3; i++) {
      expect(await server.next()).toMatchObject({ method: 'notifications/resources/updated' });
      const arrived = Date.now();
      server.send({ jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri: 'dyno://tick' } });
      const read = (await server.next()) as { result: { contents: { text: string }[] } };
      const { dueAtMs } = JSON.parse(read.result.contents[0]!.text) as { dueAtMs: number };
      expect(dueAtMs % 100).toBe(0);
      // Both clocks are this machine's; Date.now() is rounded down.
      expect(arrived).toBeGreaterThanOrEqual(dueAtMs - 2);
    }
    await server.end();
  });
});
