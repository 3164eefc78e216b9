/** What a routing decision costs, by the number of tools and replicas it is made among. */
import { ToolRouter } from '../../dist/host/routing/index.js';
import { ratePerSecond, timeEach, us } from './measure.js';

function routerOf(count, replicas) {
  const router = new ToolRouter();
  const names = Array.from({ length: replicas }, (_, i) => `server-${i}`);
  router.setTools(
    Array.from({ length: count }, (_, i) => ({
      id: `server/tool-${i}`,
      name: `tool-${i}`,
      replicas: names,
      capabilities: [`area-${i % 20}`],
      cost: (i % 7) + 1,
      usage: { successRate: 0.5 + (i % 50) / 100, latencyMs: 5 + ((i * 37) % 400) },
    })),
  );
  return router;
}

export async function bench() {
  const rows = [];
  const router = routerOf(500, 3);
  for (const strategy of ['balanced', 'latency']) {
    const time = timeEach(() => router.routeTools({ capabilities: ['area-3'] }, strategy, 10));
    rows.push({
      what: `10 of 500 tools, ${strategy}`,
      bar: '< 50 µs',
      measured: `p50 ${us(time.p50)}, p99 ${us(time.p99)}`,
      pass: time.p50 < 50,
    });
  }
  const hits = Array.from({ length: 10 }, (_, i) => ({ id: `server/tool-${i * 31}`, relevance: 20 - i }));
  const few = timeEach(() => router.routeTools({ candidates: hits, affinity: 'session-1' }, 'balanced', 5));
  rows.push({
    what: '5 of 10 hits of a search, with affinity',
    bar: '< 50 µs',
    measured: `p50 ${us(few.p50)}, p99 ${us(few.p99)}`,
    pass: few.p50 < 50,
  });
  const curve = [];
  for (const replicas of [1, 3, 10, 30]) {
    const one = routerOf(10, replicas);
    const perSecond = ratePerSecond(() => one.route('server/tool-1').end('ok', true), { count: 50_000 });
    curve.push([replicas, us(1e6 / perSecond)]);
  }
  rows.push({ what: 'replica of one call among 3, and its end', measured: curve[1][1] });
  const sizes = [];
  for (const count of [100, 500, 2500, 10_000]) {
    const one = routerOf(count, 3);
    const all = timeEach(() => one.routeTools({}, 'balanced', 10), { rounds: 300, warmup: 100 });
    const some = timeEach(() => one.routeTools({ candidates: hits.slice(0, 5) }, 'balanced', 5), {
      rounds: 1000,
    });
    sizes.push([count, us(all.p50), us(some.p50)]);
  }
  return {
    rows,
    curves: [
      { title: 'The replica of a call, by the number of replicas', head: ['replicas', 'time'], rows: curve },
      {
        title: 'A decision, by the number of tools that are known',
        head: ['tools', 'among all', 'among 5 hits'],
        rows: sizes,
      },
    ],
  };
}
