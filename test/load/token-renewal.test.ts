import { writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { resultOf, runDyno, scratch } from '../fixtures/run-dyno.js';
import { startProgram } from '../fixtures/start-program.js';
import { startTruthServer } from '../fixtures/truth-servers.js';

const timeout = 60_000;
const folder = scratch();
const tokenFile = join(folder.path, 'token');
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(() => {
  folder.remove();
});

/**
 * Stands before a server and passes on only what carries the token of now. That changes when `lifeCalls` tool calls have
 * been passed on, once; then `onExpiry` gives the next one out.
 */
async function guard(upstream: string, lifeCalls: number, onExpiry: (next: string) => void) {
  const { host, pathname } = new URL(upstream);
  const seen = { refused: 0, tokens: new Set<string>() };
  let token = 'token-1';
  let calls = 0;
  writeFileSync(tokenFile, token);
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      if (body.includes('"tools/call"') && calls++ === lifeCalls) {
        token = 'token-2';
        onExpiry(token);
      }
      const given = incoming.headers.authorization ?? '';
      if (given !== `Bearer ${token}`) {
        seen.refused++;
        response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
        return;
      }
      seen.tokens.add(given);
      const { method, url, headers } = incoming;
      const onward = request(`http://${host}${url!}`, { method, headers: { ...headers, host } }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      response.on('close', () => onward.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`, seen };
}

async function reference(): Promise<string> {
  const server = await startTruthServer('reference');
  open.push(() => server.stop());
  return server.url;
}

async function legacy(): Promise<string> {
  const server = await startProgram(process.execPath, [
    fileURLToPath(new URL('../fixtures/servers/v1-sse.mjs', import.meta.url)),
  ]);
  open.push(() => server.stop());
  return server.url;
}

const calls = 120;

async function load(url: string, ...args: string[]) {
  const ended = await runDyno(
    ['load', url, '-n', String(calls), '-c', '4', '--json', '--pid', 'none', ...args],
    { cwd: folder.path },
  );
  const [test] = resultOf(ended).tests;
  return { ended, test: test!, notes: test!.notes.join(' ') };
}

const renewing = ['--bearer-command', `cat '${tokenFile}'`];
const giveNext = (next: string) => {
  writeFileSync(tokenFile, next);
};

describe('a token that expires in the middle of a load', () => {
  it.each<[string, () => Promise<string>, string[]]>([
    ['over HTTP, with one session', reference, ['--tool', 'get_inventory']],
    [
      'over HTTP, with a session per call',
      reference,
      ['--tool', 'get_inventory', '--protocol', '2025-11-25', '--session', 'per-call'],
    ],
    ['over HTTP, on two threads', reference, ['--tool', 'get_inventory', '-w', '2']],
    ['over HTTP+SSE', legacy, ['--tool', 'echo']],
  ])(
    'is renewed, and no call is lost: %s',
    async (_, upstream, args) => {
      const { url, seen } = await guard(await upstream(), 50, giveNext);
      const { ended, test, notes } = await load(url, ...renewing, ...args);
      expect(ended.code, ended.err).toBe(0);
      expect(test.metrics['calls.ok']!.value).toBe(calls);
      expect(test.failures).toEqual([]);
      expect(seen.refused).toBeGreaterThan(0);
      expect([...seen.tokens]).toEqual(['Bearer token-1', 'Bearer token-2']);
      expect(notes).toMatch(/The token was renewed once in the middle of the load/);
    },
    timeout,
  );

  it(
    'fails its calls by name where no new one can be had',
    async () => {
      const { url } = await guard(await reference(), 50, () => {
        writeFileSync(tokenFile, '');
      });
      const { ended, test } = await load(url, ...renewing, '--threshold', 'success_rate > 0.99');
      expect(ended.code, ended.err).toBe(99);
      expect(test.metrics['calls.total']!.value).toBe(calls);
      expect(test.failures.map(({ class: kind }) => kind)).toEqual(['http']);
      expect(test.failures[0]!.message).toMatch(
        /401.*refused.*no new one: The bearer command printed no token/,
      );
    },
    timeout,
  );

  it(
    'says what to do where the token is a fixed one',
    async () => {
      const { url } = await guard(await reference(), 50, giveNext);
      const { ended, test } = await load(url, '--bearer', 'token-1');
      // Nothing judges them; the verdict says so.
      expect(ended.code, ended.err).toBe(0);
      const failed = test.metrics['calls.failed']!.value!;
      expect(failed).toBeGreaterThan(calls / 3);
      expect(test.failures).toMatchObject([{ class: 'http', count: failed }]);
      expect(test.failures[0]!.message).toMatch(/HTTP 401.*expired.*--bearer-command/);
      expect(resultOf(ended).verdict.sentence).toBe(
        `The test passed. But load: ${failed} of ${calls} calls failed, and no threshold decides on that (--threshold 'success_rate > 0.99').`,
      );
    },
    timeout,
  );
});
