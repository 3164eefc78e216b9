/**
 * Two real MCP servers in a registry that survives a restart. Run: node examples/host/registry.mjs
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { announce, FileStore, ServiceRegistry } from 'mcp-dyno/host';
import { connect } from 'mcp-dyno/protocol';
import { startEverything } from './reference-servers.mjs';

const directory = mkdtempSync(join(tmpdir(), 'dyno-example-'));
const servers = await Promise.all([startEverything(), startEverything()]);
let registry = await ServiceRegistry.open({ store: new FileStore({ directory }) });

// Whoever watches sees every change, from any revision on.
const watch = registry.watch({ from: 'now' });
void (async () => {
  for await (const event of watch) {
    console.log(`  [watch] ${event.kind} ${event.service?.endpoint ?? ''} ${event.service?.state ?? ''}`);
  }
})();

// Each server is registered with what it really offers, and keeps a short lease alive by heartbeats.
const announcements = [];
const registrations = [];
for (const { url } of servers) {
  const connection = await connect({ kind: 'http', url });
  const tools = await connection.listTools();
  const { name, version } = connection.serverInfo;
  await connection.close();
  const registration = {
    name,
    type: 'mcp_server',
    version,
    endpoint: url,
    capabilities: ['tools', ...tools.map((tool) => `tool:${tool.name}`)],
    tags: ['example'],
    ttl: 1500,
  };
  registrations.push(registration);
  announcements.push(await announce(registry, registration));
}

console.log('Who has the tool echo?');
for (const service of registry.discoverServices({ capabilities: 'tool:echo', healthyOnly: true })) {
  console.log(`  ${service.name} ${service.version} at ${service.endpoint}`);
}

console.log('One server is drained, the other goes silent:');
await registry.updateStatus(announcements[0].record.id, 'draining', 'an update is coming');
await announcements[1].stop();
await registry.registerService(registrations[1]); // once, and then no heartbeat comes
await pause(2000);
console.log('  healthy:', registry.discoverServices({ healthyOnly: true }).length);
console.log('  by state:', JSON.stringify(registry.statistics().byState));

console.log('The registry is restarted, and knows them still:');
watch.close();
await registry.close();
registry = await ServiceRegistry.open({ store: new FileStore({ directory }) });
for (const { endpoint, state, stateReason } of registry.getAllServices()) {
  console.log(`  ${endpoint} ${state}: ${stateReason}`);
}

await registry.close();
await Promise.all(servers.map((server) => server.stop()));
rmSync(directory, { recursive: true });
