import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording } from '../../src/network/index.js';
import { dyno, program } from './run-dyno.js';
import { dynoHere } from './run-in-process.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-proxy-'));
  writeFileSync(join(folder, 'other.jsonl'), '{"format":"dyno.recording/9"}\n{"end":true,"requests":0}\n');
  writeFileSync(
    join(folder, 'cut.jsonl'),
    '{"format":"dyno.recording/1"}\n{"t":1,"c":0,"method":"tools/list"}\n{"t":',
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a wrong network ends in one clear sentence and exit code 104', () => {
  const there = ['--listen', '0', '--upstream', '127.0.0.1:1'];
  it.each<[string[], RegExp]>([
    [['proxy'], /dyno proxy needs --listen PORT/],
    [['proxy', '--listen', '0'], /dyno proxy needs --upstream HOST:PORT/],
    [['proxy', '--listen', '0', '--upstream', 'nowhere'], /--upstream to be HOST:PORT.*'nowhere'/],
    [['proxy', '--listen', '70000', '--upstream', '1'], /--listen to be .*'70000'/],
    [['proxy', ...there, '--latency', '-5ms'], /--latency to be a duration.*'-5ms'/],
    [['proxy', ...there, '--latency', '3h'], /--latency to be a time of at most 60s/],
    [['proxy', ...there, '--jitter', '5ms'], /jitter to be at most the latency/],
    [['proxy', ...there, '--bandwidth', '0.1bit'], /--bandwidth to be a rate/],
    [['proxy', ...there, '--network', 'sattelite'], /--network to be one of[^]*Did you mean 'satellite'/],
    [['proxy', ...there, '--seed', 'x'], /--seed to be a whole number/],
    [['proxy', ...there, '--latencie', '5ms'], /'--latencie' is no option of dyno proxy[^]*'--latency'/],
    [['proxy', ...there, 'server.js'], /does not know what to do with 'server.js'/],
    [['proxy', '--listen', '1', '--', 'cat'], /--listen is only for servers over HTTP/],
    [['proxy', '--'], /Expected a command after --/],
    [['proxy', ...there, '--record', '/none/such/file'], /Cannot write the recording '\/none\/such\/file'/],
    [['load', '--network', 'mars', 'http://127.0.0.1:1/'], /--network to be one of/],
    [['load', '--network', 'latency=-1s', 'http://127.0.0.1:1/'], /'latency' of --network/],
    [['load', '--replay', 'other.jsonl'], /other.jsonl is a recording of version 'dyno.recording\/9'/],
    [['load', '--replay', 'cut.jsonl'], /cut.jsonl is cut off after 1 requests/],
    [['load', '--replay', 'gone.jsonl'], /Cannot read the recording 'gone.jsonl'/],
    [['load', '--replay', 'cut.jsonl', '--rate', '5'], /--replay and --rate contradict each other/],
    [['load', '--replay-speed', '2'], /--replay-speed means nothing without --replay/],
  ])('dyno %j', async (args, message) => {
    const run = await dynoHere(args, { cwd: folder });
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/^\s+at /m);
    expect(run.code).toBe(104);
  });

  it('a port in use is named', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const run = await dynoHere(['proxy', '--listen', String(port), '--upstream', '127.0.0.1:1']);
    taken.close();
    expect(run.stderr).toMatch(`Cannot listen on 127.0.0.1:${port}: the port is in use`);
    expect(run.code).toBe(104);
  });
});

it('a target that is not there is said to be so, through a network too', async () => {
  const run = await dynoHere(['load', '--network', 'lan', 'http://127.0.0.1:1/mcp'], { cwd: folder });
  expect(run.stderr).toMatch(/The target http:\/\/127.0.0.1:1\/mcp cannot be reached: connection refused/);
  expect(run.code).toBe(111);
});

it('records what passes a pipe, delayed, and replays it', { timeout: 60_000 }, async () => {
  const file = join(folder, 'traffic.jsonl');
  const server = [process.execPath, program, 'serve', '--stdio'];
  const child = spawn(
    process.execPath,
    [program, 'proxy', '--latency', '40ms', '--record', file, '--', ...server],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'test', version: '1' };
  const handshake = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  send({ id: 1, method: 'initialize', params: handshake });
  await once(child.stdout, 'data');
  send({ method: 'notifications/initialized' });
  const began = performance.now();
  send({ id: 2, method: 'tools/call', params: { name: 'get_inventory', arguments: { item_id: 'ITEM001' } } });
  const [answer] = (await once(child.stdout, 'data')) as [Buffer];
  expect(performance.now() - began).toBeGreaterThanOrEqual(40);
  expect(JSON.parse(answer.toString())).toMatchObject({
    id: 2,
    result: { content: expect.any(Array) as unknown },
  });
  child.stdin.end();
  const [code] = (await once(child, 'close')) as [number];
  expect([code, told]).toEqual([0, expect.stringContaining('recorded 2 requests in')]);
  expect(readRecording(readFileSync(file, 'utf8'), file).calls.map(({ method }) => method)).toEqual([
    'initialize',
    'tools/call',
  ]);
  const run = await dyno(['load', '--replay', file, '--json', '--quiet', '--', ...server]);
  expect(run.code, run.stderr).toBe(0);
  const { tests } = JSON.parse(run.stdout) as {
    tests: [{ operations: object; metrics: Record<string, object> }];
  };
  expect(Object.keys(tests[0].operations)).toEqual(['tools/call get_inventory']);
  expect(tests[0].metrics['calls.ok']).toMatchObject({ value: 1 });
});
