import { afterEach, describe, expect, it } from 'vitest';
import type { OperationPlan } from '../../src/plan/load-plan.js';
import { openBench } from '../../src/suite/index.js';
import type { TargetSpec } from '../../src/target/index.js';
import { startBalancer } from '../fixtures/load-balancer.js';
import { startEverything, startFixture } from '../fixtures/real-servers.js';
import { startSessionServer, type SessionServerOptions } from '../fixtures/session-server.js';
import { getInventory } from '../truth/truth-run.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const echo: OperationPlan = {
  name: 'tools/call echo',
  method: 'tools/call',
  tool: 'echo',
  weight: 1,
  params: [{ name: 'echo', arguments: { message: 'hi' } }],
};

/** Runs the laboratory without its memory part, which session-churn's tests show. */
async function lab(
  spec: TargetSpec,
  { operation = echo, protocol = '2025-11-25', ...parameters }: Options = {},
) {
  const bench = await openBench({ spec, startTimeoutMs: 20_000, pid: 'none', protocol });
  cleanups.push(() => bench.close());
  await bench.ready();
  const { result } = await runSuiteTest(bench, 'session-lab', {
    parameters: { sessions: 0, ...parameters },
    operations: [operation],
  });
  const said = [result.reason ?? '', ...result.notes].join('\n');
  return { result, said, value: (name: string) => result.metrics[name]?.value };
}

interface Options {
  operation?: OperationPlan;
  protocol?: '2025-11-25' | 'auto';
  [parameter: string]: unknown;
}

const url = (at: string): TargetSpec => ({ kind: 'http', url: at, headers: {} });
const reference = (...args: string[]): TargetSpec => ({ kind: 'reference', transport: 'http', args });

async function badServer(options: SessionServerOptions): Promise<TargetSpec> {
  const server = await startSessionServer(options);
  cleanups.push(() => server.close());
  return url(server.url);
}

async function fixture(name: string, ...flags: string[]): Promise<TargetSpec> {
  const server = await startFixture(name, ...flags);
  cleanups.push(server.stop);
  return url(server.url);
}

const few = { connections: 4, deletes: 4 };

describe('the session laboratory', () => {
  it('finds nothing wrong with the reference server, and resumes its streams', async () => {
    const { result, said, value } = await lab(
      reference('--answer', 'sse', '--event-store', '100', '--service-time', '40ms'),
      { operation: getInventory, idle: 50 },
    );
    expect(result, result.reason).toMatchObject({ status: 'pass', notJudged: [] });
    // Whatever it did with a session that was its own to use, it was called: that counts, what had to be refused does not.
    expect(value('calls.ok')).toBeGreaterThan(40);
    expect(value('calls.ok')).toBe(value('calls.total'));
    expect(value('refusals.probes')).toBe(10);
    expect(value('refusals.deviations')).toBe(0);
    expect(value('expiry.refused')).toBeGreaterThan(0);
    // The three that were under way when their session was ended are cut off.
    expect(value('expiry.lost')).toBeLessThanOrEqual(3);
    expect(value('resume.cuts')).toBe(2);
    expect(value('resume.arrived')).toBe(2);
    // The answer comes no sooner than the server's retry of 100 ms says.
    expect(value('resume.time')).toBeGreaterThanOrEqual(99);
    expect(value('replicas.refused_share')).toBe(0);
    expect(value('leak.sessions_per_open')).toBe(0);
    expect(said).toMatch(/A session left unused for 0\.05 s still answers/);
    expect(said).toMatch(/A second instance refuses a session of the first \(HTTP 404\)/);
  });

  it('finds that a session expires when it is left unused', async () => {
    const only = { operation: getInventory, resumes: 0, connections: 0, deletes: 0 };
    const expired = await lab(reference('--session-ttl', '2s'), { ...only, idle: 4000 });
    expect(expired.said).toMatch(/A session left unused for 4 s has expired \(HTTP 404\)/);
  });

  it.each(['v1-stateful', 'v2-stateful'])('on the official SDK: %s', async (name) => {
    const { result, value } = await lab(await fixture(name), few);
    expect(result.status, result.reason).toBe('pass');
    expect(value('expiry.lost')).toBe(0);
    expect(result.notJudged).toEqual([
      'resumed streams: the server gives no event ids, so a stream that breaks off cannot be resumed and its answer is lost',
      'a session on another instance: a target given by its URL is not ours to start twice',
    ]);
  });

  it.each(['v1-stateful', 'v2-stateful'])('resumes streams of the official SDK: %s', async (name) => {
    const { result, said, value } = await lab(await fixture(name, '--event-store'), few);
    expect(result.status, result.reason).toBe('pass');
    expect(value('resume.arrived')).toBe(2);
    expect(said).toMatch(/2 of 2 answers whose stream was cut arrived exactly once .*\(retry 20 ms\)/);
  });

  it.each(['v1-stateless', 'v2'])('where there are no session ids it only refuses: %s', async (name) => {
    const { result, value } = await lab(await fixture(name));
    expect(result.status, result.reason).toBe('pass');
    expect(result.notJudged).toEqual(['all else: the server hands out no session ids']);
    expect(value('refusals.probes')).toBe(6);
  });

  it('tells that server-everything answers 400 where 404 belongs', async () => {
    const server = await startEverything('streamableHttp');
    cleanups.push(server.stop);
    const { result, said } = await lab(url(server.url), few);
    expect(said).toMatch(
      /Otherwise than specified: POST with an unknown session: HTTP 400 \(a session that does not exist is answered with 404/,
    );
    expect(said).toMatch(/A call on an ended session: HTTP 400; the specification says 404/);
    expect(result.status, result.reason).toBe('pass');
  });
});

describe('the session laboratory fails a server that', () => {
  const short = { resumes: 0, connections: 4, deletes: 4, patience: 2000 };

  it.each([
    [{ onUnknown: 500 }, /POST with an unknown session: HTTP 500/],
    [{ onUnknown: 'close' }, /POST with an unknown session: the connection was closed without an answer/],
    [{ onHead: 'hang' }, /HEAD: no answer within 2000 ms/],
    [{ onHead: 'close' }, /HEAD: the connection was closed without an answer/],
    [{ onGet: 503 }, /GET without a session: HTTP 503/],
  ] as [SessionServerOptions, RegExp][])('%o', async (options, said) => {
    const { result } = await lab(await badServer(options), {
      ...short,
      deletes: 0,
      connections: 0,
    });
    expect(result.status).toBe('fail');
    expect(result.reason).toMatch(said);
  });

  it('ignores DELETE: the sessions are named', async () => {
    const { result, value } = await lab(reference('--leak-sessions'), { ...short, operation: getInventory });
    expect(result.status).toBe('fail');
    expect(value('leak.sessions_per_open')).toBe(1);
    expect(result.reason).toMatch(
      /calls on a session that was ended with DELETE are answered as if nothing had happened/,
    );
    expect(result.reason).toMatch(/sessions: 4 of 4 still answer after their DELETE/);
  });

  it('loses or doubles the answer of a resumed stream', async () => {
    const lost = await lab(await badServer({ replays: 0 }), { ...short, resumes: 2 });
    expect(lost.result.reason).toMatch(
      /2 of 2 answers whose stream was cut did not arrive when it was resumed/,
    );
    const doubled = await lab(await badServer({ replays: 2 }), { ...short, resumes: 2 });
    expect(doubled.result.reason).toMatch(/2 of 2 answers whose stream was cut arrived more than once/);
    const once = await lab(await badServer({ replays: 1 }), { ...short, resumes: 2 });
    expect(once.result.status, once.result.reason).toBe('pass');
    expect(once.value('resume.arrived')).toBe(2);
  });

  it('stands behind a load balancer without stickiness', async () => {
    const both = [await startSessionServer(), await startSessionServer()];
    cleanups.push(...both.map((one) => () => one.close()));
    const balancer = await startBalancer(both.map((one) => one.url));
    cleanups.push(() => {
      balancer.close();
    });
    const { result, value } = await lab(url(balancer.url), { ...short, connections: 20 });
    expect(result.status).toBe('fail');
    expect(result.reason).toMatch(
      /10 of 20 fresh connections with one session \(50 %\) were refused \(HTTP 404\)/,
    );
    expect(value('replicas.refused_share')).toBe(0.5);
  });
});

describe('the session laboratory tells of a server that', () => {
  const short = { resumes: 0, connections: 4, deletes: 4 };

  it('checks no session ids, or lets nobody end a session', async () => {
    const unchecked = await lab(await badServer({ onUnknown: 200, onMissing: 200 }), short);
    expect(unchecked.said).toMatch(/POST with an unknown session: HTTP 200 \(a session that does not exist/);
    expect(unchecked.said).toMatch(/POST without a session: HTTP 200 \(a server that needs a session id/);
    const kept = await lab(await badServer({ onDelete: 405 }), short);
    expect(kept.result.status, kept.result.reason).toBe('pass');
    expect(kept.result.notJudged).toContain(
      'an ended session: the server lets no client end one (DELETE: HTTP 405)',
    );
    expect(kept.said).toMatch(/4 of 4 sessions stay: the server does not let clients end them/);
  });
});

describe('the session laboratory is skipped', () => {
  it('over stdio and in the stateless era, with the reason', async () => {
    const stdio = await lab({ kind: 'reference', transport: 'stdio', args: [] }, { operation: getInventory });
    expect(stdio.result).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(/^over stdio/) as string,
    });
    const stateless = await lab(reference(), { operation: getInventory, protocol: 'auto' });
    expect(stateless.result).toMatchObject({
      status: 'skipped',
      reason: 'the stateless era has no sessions (--protocol 2025-11-25 asks for the session era)',
    });
  });
});
