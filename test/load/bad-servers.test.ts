import { afterEach, describe, expect, it } from 'vitest';
import { failureClasses, type FailureClass } from '../../src/core/index.js';
import { totalOf, type LoadReport } from '../../src/load/index.js';
import { badStdio, startBadHttp } from '../fixtures/bad-servers.js';
import { startTruthServer } from '../fixtures/truth-servers.js';
import type { ListeningProgram } from '../fixtures/start-program.js';
import { getInventory, httpTarget, runLoad } from '../truth/truth-run.js';

let server: ListeningProgram | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** What never answers has to be waited for; everything else has time for a busy machine. */
const patience = (came: { timeout?: number }) => (came.timeout === undefined ? 15_000 : 700);
const six = { kind: 'shared-iterations', vus: 2, iterations: 6, maxDurationMs: 40_000 } as const;
const echo = {
  ...getInventory,
  name: 'tools/call echo',
  tool: 'echo',
  params: [{ name: 'echo', arguments: { message: 'hi' } }],
};

/** What calls came to, besides ok. */
function failuresOf(report: LoadReport): Partial<Record<FailureClass | 'ok', number>> {
  const { ok, failed } = totalOf(report);
  const entries = failureClasses
    .map((name, index) => [name, failed[index]!] as const)
    .filter(([, count]) => count > 0);
  return { ...(ok > 0 ? { ok } : {}), ...Object.fromEntries(entries) };
}

describe('a load on a bad HTTP server', () => {
  it.each<[mode: string, came: Partial<Record<FailureClass | 'ok', number>>, message: RegExp]>([
    ['honest', { ok: 6 }, /^$/],
    ['silent', { timeout: 6 }, /no answer after \d+ ms/],
    ['garbage', { parse: 6 }, /not JSON/],
    ['not-rpc', { parse: 6 }, /no JSON-RPC 2.0 response/],
    ['empty', { parse: 6 }, /empty/],
    ['not-http', { parse: 6 }, /not HTTP/],
    ['half-close', { transport: 6 }, /closed in the middle/],
    ['half-head', { transport: 6 }, /closed in the middle/],
    ['endless-head', { parse: 6 }, /headers are larger/],
    ['bad-chunk', { parse: 6 }, /chunk/],
    ['bad-length', { parse: 6 }, /content-length/],
    ['wrong-id', { mismatch: 6 }, /for request/],
    ['string-id', { mismatch: 6 }, /for request/],
    ['sse-odd', { ok: 6 }, /^$/],
    ['sse-no-answer', { transport: 6 }, /stream ended without an answer/],
    ['sse-garbage', { parse: 6 }, /not JSON/],
    ['sse-stays-open', { ok: 6 }, /^$/],
    ['asks-back', { ok: 6 }, /^$/],
  ])('%s', async (mode, came, message) => {
    server = await startBadHttp(mode);
    const report = await runLoad(httpTarget(server.url), {
      operations: [echo],
      executor: six,
      timeoutMs: patience(came),
    });
    expect(failuresOf(report)).toEqual(came);
    for (const failure of report.failures) expect(failure.message).toMatch(message);
    expect(report.samples.length).toBeLessThanOrEqual(3);
  });

  it('tries once more on a new session where the old one is forgotten, and then says what came', async () => {
    server = await startBadHttp('lost-session', 'tools/call', '3');
    const report = await runLoad(httpTarget(server.url), { operations: [echo], executor: six });
    expect(failuresOf(report)).toEqual({ ok: 3, http: 3 });
    expect(report.failures[0]!.message).toMatch(/HTTP 404/);
  });

  it('opens an expired session again, and the call comes out ok', async () => {
    server = await startTruthServer('reference', ['--session-ttl', '1s']);
    const report = await runLoad(httpTarget(server.url), {
      executor: { kind: 'shared-iterations', vus: 1, iterations: 4, maxDurationMs: 40_000 },
      thinkTime: { kind: 'constant', ms: 1500 },
    });
    expect(failuresOf(report)).toEqual({ ok: 4 });
    // Each after the first comes longer after the one before than its session lives.
    expect(report.reopened).toBe(3);
    expect(report.initialize.count).toBe(4);
  });

  it('ends a call on an endless stream, and takes no memory for it', async () => {
    server = await startBadHttp('sse-endless-event');
    const before = process.memoryUsage().rss;
    const report = await runLoad(httpTarget(server.url), {
      operations: [echo],
      executor: { kind: 'shared-iterations', vus: 1, iterations: 1, maxDurationMs: 10_000 },
      timeoutMs: 2000,
    });
    expect(Object.keys(failuresOf(report))).toEqual([expect.stringMatching(/timeout|parse/)]);
    // One event may hold 64 MiB, doubled while it grows.
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  });

  it('says that nobody listens', async () => {
    server = await startBadHttp('honest');
    const { url } = server;
    await server.stop();
    await expect(runLoad(httpTarget(url), { operations: [echo], executor: six })).rejects.toMatchObject({
      exitCode: 111,
      message: expect.stringContaining('connection refused') as string,
    });
  });
});

describe('a load on a bad stdio server', () => {
  it.each<[mode: string, came: Partial<Record<FailureClass | 'ok', number>>]>([
    ['honest', { ok: 6 }],
    ['logs', { ok: 6 }],
    ['silent', { timeout: 6 }],
    ['duplicate-id', { ok: 6 }],
    ['asks-back', { ok: 6 }],
  ])('%s', async (mode, came) => {
    const { command, args } = badStdio(mode);
    const report = await runLoad(
      { kind: 'stdio', command, args, env: {}, era: 'session', protocolVersion: '2025-11-25' },
      { operations: [echo], executor: six, timeoutMs: patience(came) },
    );
    expect(failuresOf(report)).toEqual(came);
    expect(report.died).toBeUndefined();
  });

  it('keeps the results so far of a server that dies, and says how it died', async () => {
    const { command, args } = badStdio('dies-after', 'tools/call', '3');
    const report = await runLoad(
      { kind: 'stdio', command, args, env: {}, era: 'session', protocolVersion: '2025-11-25' },
      { operations: [echo], executor: { kind: 'constant-vus', vus: 1, durationMs: 30_000 } },
    );
    expect(totalOf(report).ok).toBeGreaterThanOrEqual(2);
    expect(report.died).toMatch(/ended with exit code \d+/);
    expect(report.elapsedMs).toBeLessThan(20_000);
  });

  it.each([
    ['dies-at-once', /cannot find the configuration file/],
    ['silent', /no answer to the handshake/],
  ])('says what is wrong with one that does not come up: %s', async (mode, words) => {
    const { command, args } = badStdio(mode, '*');
    const run = runLoad(
      { kind: 'stdio', command, args, env: {}, era: 'session', protocolVersion: '2025-11-25' },
      { operations: [echo], executor: six, startTimeoutMs: mode === 'silent' ? 1500 : 20_000 },
    );
    const error = (await run.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )) as { exitCode: number; message: string; hint?: string };
    expect(error.exitCode).toBe(111);
    expect(`${error.message} ${error.hint ?? ''}`).toMatch(words);
  });
});
