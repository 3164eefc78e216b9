import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/clock.js';
import { seededRandom } from '../../core/random.js';
import { WireError } from '../../protocol/index.js';
import type { RoutableTool } from './routable-tool.js';
import { MadeServers, type MadeServer } from './routing.fixture.js';
import { strategyWeights, routingStrategies, type RoutingStrategy } from './scores.js';
import { ToolRouter } from './tool-router.js';

const three = ['a', 'b', 'c'];
const readOnly: RoutableTool = {
  id: 't',
  name: 't',
  replicas: three,
  annotations: { readOnlyHint: true },
};
const writing: RoutableTool = { id: 't', name: 't', replicas: three };

function servers(latencies: Partial<Record<string, number>> = {}): MadeServers {
  const made: Record<string, MadeServer> = {};
  for (const name of three) made[name] = { latencyMs: latencies[name] ?? 10, up: true };
  return new MadeServers(made);
}

describe('load over replicas', () => {
  it('gives a replica that is ten times slower less than 5 % of the calls of the first 10 s', async () => {
    const made = servers({ c: 100 });
    const router = made.router();
    router.setTools([writing]);
    await made.load(router, 't', 6, 10_000);
    expect(made.calls.length).toBeGreaterThan(3000);
    expect(made.to('c') / made.calls.length).toBeLessThan(0.05);
    // The two others share what is left.
    expect(made.to('a') / made.calls.length).toBeGreaterThan(0.3);
    expect(made.to('b') / made.calls.length).toBeGreaterThan(0.3);
    router.close();
  });

  it('sends a replica that is gone no call after the first failure, and finds it within 5 s of its return', async () => {
    const made = servers();
    const router = made.router();
    router.setTools([readOnly]);
    await made.load(router, 't', 3, 2000);
    const killed = made.clock.now();
    made.servers['b']!.up = false;
    const { failed } = await made.load(router, 't', 3, killed + 20_000);
    // At most those that were on their way when the first one failed.
    expect(made.to('b', killed)).toBeLessThanOrEqual(3);
    expect(failed).toBe(0);
    const firstFailure = made.calls.find(({ server, at }) => server === 'b' && at >= killed)!;
    expect(made.to('b', firstFailure.at + 11)).toBe(0);
    const returned = made.clock.now();
    made.servers['b']!.up = true;
    await made.load(router, 't', 3, returned + 6000);
    const back = made.calls.find(({ server, at }) => server === 'b' && at >= returned);
    expect(back!.at - returned).toBeLessThan(5000);
    router.close();
    expect(made.clock.pending).toBe(0);
  });

  it('without a probe lets one call at a time try, and is back within 5 s as well', async () => {
    const made = servers();
    const router = made.router({ probe: undefined });
    router.setTools([readOnly]);
    made.servers['b']!.up = false;
    const { failed } = await made.load(router, 't', 3, 20_000);
    expect(failed).toBe(0);
    expect(made.to('b')).toBeLessThan(12);
    const returned = made.clock.now();
    made.servers['b']!.up = true;
    await made.load(router, 't', 3, returned + 6000);
    expect(made.calls.find(({ server, at }) => server === 'b' && at >= returned)!.at - returned).toBeLessThan(
      5000,
    );
  });
});

describe('affinity', () => {
  it('holds while the replica is healthy, gives way to health, and comes back', async () => {
    const made = servers();
    const router = made.router();
    router.setTools([readOnly]);
    const serverOf = (affinity: string) => {
      const attempt = router.route('t', { affinity });
      attempt.end('ok', true);
      return attempt.server;
    };
    const sessions = Array.from({ length: 60 }, (_, i) => `session-${i}`);
    const home = new Map(sessions.map((session) => [session, serverOf(session)]));
    expect(new Set(home.values())).toEqual(new Set(three));
    for (const session of sessions) expect(serverOf(session)).toBe(home.get(session));
    router.setHealth('a', 'unhealthy');
    for (const session of sessions) {
      if (home.get(session) === 'a') expect(serverOf(session)).not.toBe('a');
      else expect(serverOf(session)).toBe(home.get(session));
    }
    router.setHealth('a', 'healthy');
    for (const session of sessions) expect(serverOf(session)).toBe(home.get(session));
    await made.clock.advance(0);
  });
});

describe('outlier ejection', () => {
  const failing = async (count: number, failures: readonly string[], names = three) => {
    const clock = new FakeClock();
    const router = new ToolRouter({ clock, random: seededRandom(1), breaker: { failures: 1000 } });
    router.setTools([{ ...readOnly, replicas: names }]);
    for (let i = 0; i < count; i++) {
      const attempt = router.route('t');
      attempt.end(failures.includes(attempt.server) ? 'failed' : 'ok', true);
      await clock.advance(1);
    }
    return { router, clock, ejected: () => router.replicas().filter(({ ejected }) => ejected) };
  };

  it('leaves out what failed five times in a row for 30 s, then for 60 s', async () => {
    const { router, clock, ejected } = await failing(100, ['b']);
    expect(ejected().map(({ server, ejections }) => [server, ejections])).toEqual([['b', 1]]);
    await clock.advance(30_000);
    expect(ejected()).toEqual([]);
    for (let i = 0; i < 100; i++) {
      const attempt = router.route('t');
      attempt.end(attempt.server === 'b' ? 'failed' : 'ok', true);
    }
    expect(ejected()[0]).toMatchObject({ server: 'b', ejections: 2 });
    await clock.advance(31_000);
    expect(ejected()).toHaveLength(1);
    await clock.advance(29_000);
    expect(ejected()).toEqual([]);
  });

  it('never leaves out more than half', async () => {
    const { ejected } = await failing(600, ['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd']);
    expect(ejected()).toHaveLength(2);
    const alone = await failing(50, ['a'], ['a']);
    expect(alone.ejected()).toEqual([]);
  });

  it('asks the ejected again when fewer than half are left', async () => {
    const { router, ejected } = await failing(300, ['a', 'b'], ['a', 'b', 'c', 'd']);
    expect(ejected()).toHaveLength(2);
    const seen = () =>
      new Set(
        Array.from({ length: 60 }, () => {
          const attempt = router.route('t');
          attempt.end('cancelled', false);
          return attempt.server;
        }),
      );
    expect([...seen()].sort()).toEqual(['c', 'd']);
    router.setHealth('d', 'unhealthy');
    expect([...seen()].sort()).toEqual(['a', 'b', 'c']);
  });

  it('does not count errors of the tool or of the arguments', async () => {
    const made = servers();
    made.servers['b']!.answer = () => ({ content: [], isError: true });
    const router = made.router();
    router.setTools([writing]);
    await made.load(router, 't', 3, 2000);
    expect(made.to('b')).toBeGreaterThan(50);
    expect(router.replicas().every(({ ejected, down }) => !ejected && !down)).toBe(true);
    expect(router.breaker('t', 'b')).toBe('closed');
  });
});

describe('a routed call', () => {
  it('is made again only where that does no harm', async () => {
    const reset = async (tool: RoutableTool) => {
      const made = servers();
      let first = true;
      const router = made.router({
        invoke: (call) => {
          if (!first) return made.invoke(call);
          first = false;
          return Promise.reject(new WireError('connection reset', { outcome: 'transport' }));
        },
      });
      router.setTools([tool]);
      const call = router.callTool('t').catch((error: unknown) => error);
      await made.clock.advance(1000);
      router.close();
      return call;
    };
    expect(await reset(readOnly)).toMatchObject({ attempts: [{ kind: 'first' }, { kind: 'retry' }] });
    expect(await reset(writing)).toBeInstanceOf(WireError);
  });

  it('that never arrived is made again whatever the tool does', async () => {
    const made = servers();
    made.servers['a']!.up = made.servers['b']!.up = false;
    const router = made.router();
    router.setTools([writing]);
    const call = router.callTool('t');
    await made.clock.advance(1000);
    expect(await call).toMatchObject({ server: 'c' });
    router.close();
  });

  it('keeps one deadline over all attempts', async () => {
    const made = servers({ a: 400, b: 400, c: 400 });
    const router = made.router();
    router.setTools([readOnly]);
    const started = made.clock.now();
    const call = router.callTool('t', {}, { timeoutMs: 250 }).catch((error: unknown) => error);
    await made.clock.advance(250);
    expect(await call).toMatchObject({ outcome: 'timeout' });
    expect(made.clock.now() - started).toBe(250);
    expect(made.cancelled).toBe(1);
    expect(router.replicas().reduce((sum, { inFlight }) => sum + inFlight, 0)).toBe(0);
  });

  it('passes a cancellation on, and blames nobody for it', async () => {
    const made = servers();
    const router = made.router();
    router.setTools([readOnly]);
    const controller = new AbortController();
    const call = router.callTool('t', {}, { signal: controller.signal }).catch((error: unknown) => error);
    await made.clock.advance(5);
    controller.abort(new Error('not wanted'));
    expect(await call).toMatchObject({ message: 'not wanted' });
    await made.clock.advance(100);
    expect(made.cancelled).toBe(1);
    expect(made.calls).toHaveLength(1);
    expect(router.replicas().every(({ down, inFlight }) => !down && inFlight === 0)).toBe(true);
    expect(made.clock.pending).toBe(0);
  });

  it('is hedged once, after the p95, on another replica, for read-only tools only', async () => {
    for (const [tool, expected] of [
      [readOnly, ['first', 'hedge']],
      [writing, ['first']],
    ] as const) {
      const made = servers();
      const router = made.router();
      router.setTools([tool]);
      for (let i = 0; i < 40; i++) {
        const warm = router.callTool('t');
        await made.clock.advance(10);
        await warm;
      }
      // Whichever is asked first now is slow.
      let slow: string | undefined;
      const before = made.calls.length;
      const all = made.servers;
      for (const name of three) {
        Object.defineProperty(all[name]!, 'latencyMs', { get: () => ((slow ??= name) === name ? 2000 : 10) });
      }
      const started = made.clock.now();
      const call = router.callTool('t');
      await made.clock.advance(3000);
      const { attempts, server, durationMs } = await call;
      expect(attempts.map(({ kind }) => kind).sort()).toEqual([...expected].sort());
      expect(made.calls.length - before).toBe(expected.length);
      if (tool === readOnly) {
        expect(server).not.toBe(slow);
        expect(durationMs).toBe(20);
        expect(made.calls.at(-1)!.at - started).toBe(10);
        expect(made.cancelled).toBe(1);
      }
    }
  });

  it('does not multiply a failure of everything beyond the budget', async () => {
    const made = servers();
    for (const name of three) made.servers[name]!.up = false;
    const router = made.router();
    router.setTools([readOnly]);
    const calls = Array.from({ length: 50 }, () => router.callTool('t').catch(() => undefined));
    await made.clock.advance(5000);
    await Promise.all(calls);
    // 50 first attempts; extra ones at most a fifth of those in flight at a time, in two rounds.
    expect(made.calls.length).toBeLessThanOrEqual(50 + 2 * 10);
    router.close();
  });

  it('that cannot be made says why', async () => {
    const made = servers();
    const router = made.router();
    router.setTools([readOnly]);
    for (const name of three) router.setHealth(name, 'draining');
    await expect(router.callTool('t')).rejects.toThrow(/"t" cannot be called now: "a" is draining/);
    expect(() => router.callTool('nothing')).toThrow(/"nothing" is not known to the router/);
    expect(() => new ToolRouter().callTool('t')).toThrow(/no `invoke`/);
    await expect(async () => router.callTool('t', {}, { timeoutMs: -1 })).rejects.toThrow(/timeoutMs/);
  });
});

describe('routing tools', () => {
  const tools: RoutableTool[] = [
    { id: 'fast', name: 'fast', replicas: ['a'], usage: { successRate: 0.9, latencyMs: 5 }, cost: 10 },
    { id: 'sure', name: 'sure', replicas: ['b'], usage: { successRate: 1, latencyMs: 900 }, cost: 8 },
    { id: 'cheap', name: 'cheap', replicas: ['c'], usage: { successRate: 0.8, latencyMs: 400 }, cost: 0.1 },
  ];
  const router = () => {
    const made = new ToolRouter({ clock: new FakeClock(), random: seededRandom(1) });
    made.setTools(tools);
    return made;
  };

  it.each<[RoutingStrategy, string]>([
    ['latency', 'fast'],
    ['performance', 'fast'],
    ['cost', 'cheap'],
    ['accuracy', 'sure'],
  ])('by %s puts %s first', (strategy, first) => {
    const { decisions } = router().routeTools({}, strategy, 3);
    expect(decisions.map(({ tool }) => tool.id)[0]).toBe(first);
    expect(decisions).toHaveLength(3);
  });

  it('weighs relevance, and gives every score with its reason', () => {
    const candidates = [
      { id: 'cheap', relevance: 12 },
      { id: 'sure', relevance: 3 },
      { id: 'gone', relevance: 9 },
    ];
    const { decisions, passedOver } = router().routeTools({ candidates }, 'accuracy', 5);
    expect(decisions.map(({ tool }) => tool.id)).toEqual(['cheap', 'sure']);
    expect(decisions[0]!.scores.relevance).toEqual({
      value: 1,
      weight: 0.6,
      reason: '100 % of the best match',
    });
    expect(decisions[1]!.scores.latency.reason).toBe('900 ms expected');
    expect(decisions[0]!.server).toBe('c');
    expect(passedOver).toEqual([{ id: 'gone', reason: 'not known to the router' }]);
  });

  it('passes over what cannot be called, with the reason', () => {
    const made = router();
    made.setHealth('a', 'unhealthy');
    const { decisions, passedOver } = made.routeTools({}, 'latency', 5);
    expect(decisions.map(({ tool }) => tool.id)).not.toContain('fast');
    expect(passedOver).toEqual([{ id: 'fast', reason: '"a" is unhealthy' }]);
  });

  it('prefers tools that have what is asked for', () => {
    const made = router();
    made.setTool({ ...tools[1]!, capabilities: ['Search', 'sql'] });
    const { decisions } = made.routeTools({ capabilities: ['search'] }, 'accuracy', 1);
    expect(decisions[0]).toMatchObject({ tool: { id: 'sure' }, scores: { capability: { value: 1 } } });
  });

  it('has strategies whose weights add up to 1', () => {
    for (const strategy of routingStrategies) {
      const sum = Object.values(strategyWeights[strategy]).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  it('refuses what it does not know', () => {
    expect(() => router().routeTools({}, 'best' as never)).toThrow(/performance, accuracy.*"best"/);
    expect(() => router().routeTools({}, 'cost', 0)).toThrow(/maxTools/);
    expect(() => new ToolRouter({ decayMs: 0 })).toThrow(/decayMs/);
    expect(() => router().setTool({ id: 'x', name: 'x', replicas: [] })).toThrow(/"x".*at least one replica/);
  });

  it('keeps what was learnt of a tool when its definition changes', () => {
    const made = router();
    for (let i = 0; i < 50; i++) made.route('fast').end('ok', true);
    const before = made.routeTools({}, 'accuracy', 5).decisions.find(({ tool }) => tool.id === 'fast')!;
    made.setTools(tools.map((tool) => ({ ...tool, name: `${tool.name}!` })));
    const after = made.routeTools({}, 'accuracy', 5).decisions.find(({ tool }) => tool.id === 'fast')!;
    expect(after.scores.success.value).toBe(before.scores.success.value);
    expect(after.scores.success.value).toBeGreaterThan(0.99);
  });
});
