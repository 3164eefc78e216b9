import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { badStdio, startBadHttp } from './fixtures/bad-servers.js';

const call = (id: number) =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"get_inventory","arguments":{"item_id":"A"}}}`;
const honest = /"id":1,"result":\{"content":/;

/** Waits until `done` holds, then a moment more for what ought not to follow; gives up after 30 s. */
async function until(done: () => boolean) {
  const started = performance.now();
  while (!done() && performance.now() - started < 30_000)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The first bytes that a mode answers a call with, and how the connection stands then. */
async function overHttp(answer: RegExp, expected: RegExp, ...mode: [string, ...string[]]) {
  const server = await startBadHttp(...mode);
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').setEncoding('latin1');
  let text = '';
  let state = 'open';
  socket.on('data', (more: string) => {
    text += more;
    if (text.length > 300_000) socket.pause();
  });
  socket.on('error', () => (state = 'reset')).on('end', () => (state = 'ended'));
  socket.write(`POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: ${call(1).length}\r\n\r\n${call(1)}`);
  await until(() => answer.test(text) && expected.test(state));
  socket.destroy();
  await server.stop();
  return { text, state };
}

async function overStdio(answer: RegExp, expected: number | string, ...mode: [string, ...string[]]) {
  const { command, args } = badStdio(...mode);
  const child = spawn(command, args, { stdio: 'pipe' });
  let text = '';
  let errors = '';
  let end: number | string | null = 'SIGKILL';
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      end = signal ?? code;
      resolve();
    });
  });
  child.stdin.on('error', () => {
    // Some of them die before they read.
  });
  child.stderr.setEncoding('utf8').on('data', (more: string) => (errors += more));
  child.stdout.setEncoding('latin1').on('data', (more: string) => {
    text += more;
    if (text.length > 300_000) child.stdout.pause();
  });
  child.stdin.write(`${call(1)}\n`);
  await until(() => answer.test(text) && end === expected);
  child.kill('SIGKILL');
  child.stdout.removeAllListeners('data').resume();
  await ended;
  return { text, errors, end };
}

describe('the bad HTTP server', () => {
  it.each([
    ['honest', honest, /open/],
    ['silent', /^$/, /open/],
    ['empty', /Content-Length: 0\r\n\r\n$/, /open/],
    ['not-http', /^220 mail/, /ended/],
    ['half', /Content-Length: 108\r\n\r\n.{88}$/, /open/],
    ['close', /^$/, /ended/],
    ['reset', /^$/, /reset/],
    ['endless', /x{1000}$/, /open/],
    ['endless-head', /x{1000}/, /open/],
    ['huge-head', /x{1000}$/, /open/],
    ['huge', /Content-Length: 500000\d\d\r\n/, /open/],
    ['sse-endless', /: still here/, /open/],
    ['sse-half', /data: /, /ended/],
    ['duplicate-id', /("id":1.*\n\n.*){2}/s, /open/],
    ['wrong-id', /"id":"nobody-sent-this-id"/, /open/],
    ['drip', /^HTTP/, /open/],
    ['dies-after', /^$/, /ended|reset/],
  ])('%s', async (mode, answer, state) => {
    const seen = await overHttp(answer, state, mode);
    expect(seen.text).toMatch(answer);
    expect(seen.state).toMatch(state);
  });

  it('is honest to other methods', async () => {
    expect((await overHttp(honest, /open/, 'garbage', 'initialize')).text).toMatch(honest);
  });
});

describe('the bad stdio server', () => {
  it.each([
    ['honest', honest, 'SIGKILL'],
    ['logs', /^Server starting.*\n.*\n\[debug\].*\n\{.*\}\n\[debug\] done\n\n$/, 'SIGKILL'],
    ['silent', /^$/, 'SIGKILL'],
    ['half-line', /^\{[^\n]{29}$/, 'SIGKILL'],
    ['half-line-exit', /^\{[^\n]{29}$/, 3],
    ['huge-line', /^\{.*x{1000}$/, 'SIGKILL'],
    ['endless', /^x{65536}/, 'SIGKILL'],
    ['flood', /^(\{"jsonrpc":"2.0","method".*\n){64}/, 'SIGKILL'],
    ['duplicate-id', /^(.*"id":1.*\n){2}$/, 'SIGKILL'],
    ['dies-at-once', /^$/, 3],
    ['dies-after', /^$/, 7],
    ['killed-after', /^$/, 'SIGKILL'],
    ['bad-utf8', /\xff\xc3\(/, 'SIGKILL'],
  ])('%s', async (mode, answer, end) => {
    const seen = await overStdio(answer, end, mode);
    expect(seen.text).toMatch(answer);
    expect(seen.end).toBe(end);
  });

  it('says why it dies', async () => {
    expect((await overStdio(/^$/, 3, 'dies-at-once')).errors).toContain('inventory.toml');
    const refused = await overStdio(/^$/, 104, 'no-such-mode');
    expect(refused.end).toBe(104);
    expect(refused.errors).toContain('Expected a mode, one of honest logs silent');
  });
});
