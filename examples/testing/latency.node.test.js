/** The same as a test of node:test. Run: node --test examples/testing/latency.node.test.js */
import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { connect } from 'mcp-dyno/protocol';
import { Benchmark, Fixtures } from 'mcp-dyno/testing';

const fixtures = new Fixtures(afterEach);

it('answers 19 of 20 calls within 250 ms', async () => {
  const { url } = await fixtures.httpServer();
  const connection = await connect({ kind: 'http', url });
  fixtures.onCleanup('connection', () => connection.close());

  const benchmark = new Benchmark();
  for (let i = 0; i < 100; i++) {
    await benchmark.measure(() => connection.callTool('echo', { message: `call ${i}` }));
  }

  const { p95, mean, stdev } = benchmark.statistics();
  assert.ok(p95 < 250, `p95 was ${p95} ms (mean ${mean} ms, standard deviation ${stdev} ms)`);
});
