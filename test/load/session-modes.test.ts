import { afterEach, describe, expect, it } from 'vitest';
import { loadParts, sessionNotes, totalOf } from '../../src/load/index.js';
import type { LoadPlan } from '../../src/plan/load-plan.js';
import { startFixture } from '../fixtures/real-servers.js';
import {
  startSessionServer,
  type SessionServer,
  type SessionServerOptions,
} from '../fixtures/session-server.js';
import { startTruthServer } from '../fixtures/truth-servers.js';
import { httpTarget, planned, runLoad } from '../truth/truth-run.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(options: SessionServerOptions): Promise<SessionServer> {
  const server = await startSessionServer(options);
  cleanups.push(() => server.close());
  return server;
}

const calls = (vus: number, iterations: number) =>
  ({ kind: 'shared-iterations', vus, iterations, maxDurationMs: 30_000 }) as const;
const churn = (vus: number, iterations: number, sessionCalls: number) =>
  ({ executor: calls(vus, iterations), session: 'churn', sessionCalls }) as const;

describe('sessions that are opened, called and ended by turns', () => {
  it('get so many calls each and leave nothing open', async () => {
    const server = await serve({});
    const report = await runLoad(httpTarget(server.url), churn(1, 23, 7));
    expect(report.failures).toEqual([]);
    expect([...server.calls.values()]).toEqual([7, 7, 7, 2]);
    expect(server.ended).toEqual([...server.calls.keys()]);
    // The last one is ended when the load is over.
    expect([report.initialize.count, report.sessionClose.count, report.unclosed]).toEqual([4, 3, 0]);
  });

  it('are counted as the server counts them, with several virtual users', async () => {
    const server = await startTruthServer('reference', []);
    cleanups.push(server.stop);
    const plan = planned(churn(4, 100, 10));
    const report = await runLoad(httpTarget(server.url), plan);
    const { metrics } = loadParts(plan, report);
    const { sessions } = (await server.stats()) as unknown as {
      sessions: { opened: number; ended: number; open: number };
    };
    expect(totalOf(report).ok).toBe(100);
    expect(metrics['sessions.opened']?.value).toBe(sessions.opened);
    expect(sessions).toEqual({ opened: sessions.opened, ended: sessions.opened, open: 0 });
    expect(metrics['sessions.ended']?.value).toBeGreaterThanOrEqual(sessions.opened - 4);
    expect(sessionNotes(plan, report, httpTarget(server.url))[0]).toMatch(
      /^\d+ sessions were opened: \d+ were ended with DELETE after 10 calls each, and the last \d, which virtual users still had, when/,
    );
  });

  it('take their time in no call of a closed load, and in the latency but not the service time of an open one', async () => {
    const server = await serve({ initializeMs: 120, deleteMs: 60 });
    const closed = await runLoad(httpTarget(server.url), churn(1, 5, 1));
    expect(closed.initialize.minMs).toBeGreaterThanOrEqual(118);
    expect(closed.sessionClose.minMs).toBeGreaterThanOrEqual(58);
    expect(totalOf(closed).latency.minMs).toBeLessThan(100);
    const open = await runLoad(httpTarget(server.url), {
      executor: {
        kind: 'constant-arrival-rate',
        rate: 4,
        durationMs: 1500,
        vus: 1,
        arrivals: 'constant',
        maxWaiting: 10,
      },
      session: 'churn',
      sessionCalls: 1,
    });
    const all = totalOf(open);
    expect(all.ok).toBe(6);
    // The first finds its session open; all others wait for the DELETE of the last session and the opening of their own.
    expect(all.latency.histogram.quantile(0.5)).toBeGreaterThanOrEqual(176);
    expect(all.service.minMs).toBeLessThan(100);
  });

  it('go on where the server does not let them be ended, or does not answer that, and say so', async () => {
    const refusing = await serve({ onDelete: 405 });
    const refused = await runLoad(httpTarget(refusing.url), churn(1, 20, 10));
    expect([totalOf(refused).ok, refused.sessionClose.count, refused.unclosed]).toEqual([20, 0, 1]);
    const hanging = await serve({ onDelete: 'hang' });
    const plan = planned(churn(1, 20, 10));
    const hung = await runLoad(httpTarget(hanging.url), plan);
    expect([totalOf(hung).ok, hung.sessionClose.count, hung.unclosed]).toEqual([20, 0, 1]);
    expect(sessionNotes(plan, hung, httpTarget(hanging.url))[0]).toMatch(
      /1 times the server did not end one that it was told to/,
    );
  });

  it('fail as what they are where no new one can be opened', async () => {
    const server = await startTruthServer('reference', ['--session-limit', '2', '--leak-sessions']);
    cleanups.push(server.stop);
    const report = await runLoad(httpTarget(server.url), churn(1, 30, 10));
    expect(totalOf(report).ok).toBe(20);
    expect(report.failures).toHaveLength(1);
    expect(report.failures[0]).toMatchObject({ class: 'connect', count: 10 });
    expect(report.failures[0]!.message).toMatch(/initialize was answered with HTTP 503/);
  });

  it.each(['v1-stateful', 'v2-stateful'])('on the official SDK: %s', async (name) => {
    const server = await startFixture(name);
    cleanups.push(server.stop);
    const report = await runLoad(httpTarget(server.url), {
      ...churn(3, 60, 5),
      operations: [
        {
          ...planned({ executor: calls(1, 1) }).operations[0]!,
          name: 'tools/call echo',
          tool: 'echo',
          params: [echo],
        },
      ],
    });
    expect(report.failures).toEqual([]);
    expect(totalOf(report).ok).toBe(60);
    expect(report.initialize.count).toBeGreaterThanOrEqual(12);
    expect(report.sessionClose.count).toBeGreaterThanOrEqual(report.initialize.count - 3);
  });
});

const echo = { name: 'echo', arguments: { message: 'hi' } };

describe('sessions of one call', () => {
  it('that are abandoned are ended when the load is over, and counted', async () => {
    const server = await serve({});
    const plan = planned({ executor: calls(2, 12), session: 'abandoned' });
    const report = await runLoad(httpTarget(server.url), plan);
    expect(totalOf(report).ok).toBe(12);
    expect(server.ended).toHaveLength(12);
    expect(loadParts(plan, report).metrics).toMatchObject({
      'sessions.opened': { value: 12 },
      'sessions.ended': { value: 0 },
    });
  });

  it('count how they were ended', async () => {
    const server = await serve({ onDelete: 405 });
    const plan = planned({ executor: calls(2, 12), session: 'per-call' });
    const { metrics } = loadParts(plan, await runLoad(httpTarget(server.url), plan));
    expect(metrics['sessions.not_ended']?.value).toBe(12);
  });
});

describe('where there are no sessions', () => {
  const notes = (part: Partial<LoadPlan>, target: Parameters<typeof sessionNotes>[2]) => {
    const report = { initialize: { count: 0 }, sessionClose: { count: 0 }, unclosed: 0 };
    const plan = planned({ executor: calls(1, 1), ...part });
    return sessionNotes(plan, report as unknown as Parameters<typeof sessionNotes>[1], target);
  };

  it('the result says that the mode changed nothing, and why', () => {
    const http = httpTarget('http://127.0.0.1:1/mcp');
    expect(notes({ session: 'churn' }, { ...http, era: 'stateless' })).toEqual([
      expect.stringMatching(/^--session churn changed nothing: the stateless era has no sessions/),
    ]);
    const stdio = { kind: 'stdio', command: 'x', args: [], env: {} } as const;
    const dialect = { era: 'session', protocolVersion: '2025-11-25' } as const;
    expect(notes({ session: 'abandoned' }, { ...stdio, args: [], ...dialect })).toEqual([
      expect.stringMatching(/^--session abandoned changed nothing: over stdio a session is the process/),
    ]);
    expect(notes({ session: 'shared' }, { ...http, era: 'stateless' })).toEqual([]);
  });
});
