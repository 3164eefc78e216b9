/**
 * Three real servers that offer the same: a slow one is passed by, a killed one is left out and found again. Run:
 * node examples/host/routing.mjs
 */
import { McpClient, ToolRouter } from 'mcp-dyno/host';
import { startEverything } from './reference-servers.mjs';

const servers = { a: await startEverything(), b: await startEverything(), c: await startEverything() };
const client = new McpClient();
for (const [name, { url }] of Object.entries(servers)) {
  await client.connectServer(name, { kind: 'http', url, headers: {} });
}

// One of them is made ten times slower, on its way.
let slow = 'c';
const router = new ToolRouter({
  invoke: async ({ server, tool, args, ...options }) => {
    if (server === slow) await new Promise((resolve) => setTimeout(resolve, 150));
    return client.callTool(server, tool, args, options);
  },
  probe: (server, signal) => client.probe(server, signal),
});
router.setTools([
  { id: 'echo', name: 'echo', replicas: ['a', 'b', 'c'], annotations: { readOnlyHint: true } },
]);

async function load(ms) {
  const counts = { a: 0, b: 0, c: 0, failed: 0 };
  const end = performance.now() + ms;
  const caller = async () => {
    while (performance.now() < end) {
      await router.callTool('echo', { message: 'hello' }, { timeoutMs: 2000 }).then(
        ({ server }) => counts[server]++,
        () => counts.failed++,
      );
    }
  };
  await Promise.all([caller(), caller(), caller(), caller()]);
  return counts;
}

try {
  console.log('c is slow:         ', await load(2000));
  await servers.b.stop();
  console.log('and b was killed:  ', await load(2000));
  for (const { server, down, latencyMs } of router.replicas()) {
    console.log(`  ${server}: ${down ? 'cannot be reached' : `${latencyMs.toFixed(1)} ms expected`}`);
  }
  slow = undefined;
  const homes = ['ada', 'grace', 'edsger'].map(async (affinity) => {
    const { server } = await router.callTool('echo', { message: 'hello' }, { affinity });
    return `${affinity} on ${server}`;
  });
  console.log('Sessions:', (await Promise.all(homes)).join(', '));
  const { decisions } = router.routeTools({}, 'latency', 1);
  console.log(`Decision: ${decisions[0].server}, since ${decisions[0].reason}`);
} finally {
  router.close();
  await client.close();
  await Promise.all(Object.values(servers).map((server) => server.stop()));
}
