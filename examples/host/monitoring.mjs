/**
 * Calls of a real MCP server, measured, watched by alert rules, exported. Run: node examples/host/monitoring.mjs
 */
import { logSink, Monitoring } from 'mcp-dyno/host';
import { connect } from 'mcp-dyno/protocol';
import { startEverything } from './reference-servers.mjs';

const server = await startEverything();
const monitoring = new Monitoring({
  sinks: [logSink({ write: (line) => process.stdout.write(`  ${line}`) })],
  rules: [
    {
      name: 'too-many-errors',
      severity: 'error',
      signal: {
        kind: 'ratio',
        part: { metric: 'mcp.client.operation.duration', where: { 'error.type': true } },
        whole: { metric: 'mcp.client.operation.duration' },
        windowMs: 60_000,
        minimum: 20,
        by: ['gen_ai.tool.name'],
      },
      op: '>',
      threshold: 0.5,
      description: 'More than half of the calls of this tool fail.',
    },
  ],
});

// A handle per tool, so that recording costs next to nothing.
const connection = await connect({ kind: 'http', url: server.url });
const call = async (tool, args) => {
  const { protocolVersion } = connection;
  const handle = monitoring.operation({
    side: 'client',
    method: 'tools/call',
    tool,
    protocolVersion,
    transport: 'tcp',
  });
  for (let n = 0; n < 120; n++) {
    const start = performance.now();
    const { isError } = await connection.callTool(tool, args(n));
    handle.record(performance.now() - start, isError ? 'tool_error' : undefined);
  }
};
await call('echo', (n) => ({ message: `hello ${n}` }));
await call('get-sum', (n) => (n % 3 === 0 ? { a: n, b: 1 } : { a: 'not a number' }));

console.log('What the calls took:');
for (const { labels, count, percentiles } of monitoring.getMetricsByName('mcp.client.operation.duration')) {
  const ms = (seconds) => (seconds === null ? 'too few' : `${(seconds * 1000).toFixed(2)} ms`);
  const error = labels['error.type'] === undefined ? '' : ` (${labels['error.type']})`;
  console.log(
    `  ${labels['gen_ai.tool.name']}${error}: ${count} calls, p50 ${ms(percentiles.p50)}, p99 ${ms(percentiles.p99)}`,
  );
}

console.log('Alerts (the rules are looked at every 10 s; here by hand):');
const [alert] = monitoring.evaluate();
monitoring.alerts.acknowledge(alert.id, 'you');
console.log(`  ${alert.id} is ${monitoring.alerts.alerts()[0].state} now`);

console.log('For Prometheus:');
const text = monitoring.prometheus();
console.log(
  text
    .split('\n')
    .filter((line) => /_(sum|count)\{/.test(line))
    .map((line) => `  ${line}`)
    .join('\n'),
);

await connection.close();
await monitoring.close();
await server.stop();
