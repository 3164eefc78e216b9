/** A tool's latency as a test of vitest. Run: npx vitest run --root examples/testing */
import { afterEach, expect, it } from 'vitest';
import { connect } from 'mcp-dyno/protocol';
import { Benchmark, Fixtures } from 'mcp-dyno/testing';

const fixtures = new Fixtures(afterEach);

it('answers 19 of 20 calls within 250 ms', async () => {
  // A server of this process; for one of your own: connect({ kind: 'http', url: 'http://127.0.0.1:3000/mcp' }).
  const { url } = await fixtures.httpServer();
  const connection = await connect({ kind: 'http', url });
  fixtures.onCleanup('connection', () => connection.close());

  const benchmark = new Benchmark();
  for (let i = 0; i < 120; i++) {
    const { result } = await benchmark.measure(() => connection.callTool('add', { a: i, b: 1 }));
    expect(result.structuredContent).toEqual({ sum: i + 1 });
    if (i === 19) benchmark.reset(); // the first twenty calls warm up
  }

  const { count, p95, p99, ci95 } = benchmark.statistics();
  expect(count).toBe(100);
  expect(p95).toBeLessThan(250);
  // 100 calls are enough for p99, and for an interval of p95; not for one of p99, which needs 368.
  expect(p99).not.toBeNull();
  expect(ci95.p95).not.toBeNull();
  expect(ci95.p99).toBeNull();
});
