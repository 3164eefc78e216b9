/** Look-ups among up to 100,000 services, and what registering and heartbeats cost. */
import { ServiceRegistry, serviceTypes } from 'mcp-dyno/host';
import { liveHeap, timeEach, us } from './measure.js';

const bar = 100;

/** A registry of `count` services over 8 types; each tag `rare-N` and capability `tool:N` is shared by ten. */
async function filled(count) {
  const registry = await ServiceRegistry.open();
  for (let n = 0; n < count; n++) {
    await registry.registerService({
      name: `service-${n}`,
      type: serviceTypes[n % serviceTypes.length],
      version: `1.${n % 10}.0`,
      endpoint: `http://10.0.${(n >> 8) & 255}.${n & 255}:${1024 + (n >> 16)}/mcp`,
      capabilities: ['tools', ...Array.from({ length: 9 }, (_, i) => `tool:${Math.floor(n / 10)}:${i}`)],
      tags: [
        `rare-${Math.floor(n / 10)}`,
        `hundred-${Math.floor(n / 100)}`,
        `thousand-${Math.floor(n / 1000)}`,
      ],
      ttl: 'none',
      state: n % 4 === 0 ? 'degraded' : 'healthy',
    });
  }
  return registry;
}

export async function bench() {
  const rows = [];
  const curve = {
    title: 'Look-up time (p50) while the catalogue grows: the answers stay ten services',
    head: ['services', 'by tag', 'by capability', 'by tag, healthy', 'tag + capability + version', 'by id'],
    rows: [],
  };
  let registry;
  for (const count of [100, 1000, 10_000, 100_000]) {
    await registry?.close();
    registry = await filled(count);
    const tens = count / 10;
    const at = (i) => (i * 7919) % tens;
    const id = registry.discoverServices({ tags: `rare-${at(3)}` })[0].id;
    const times = [
      timeEach((i) => registry.discoverServices({ tags: `rare-${at(i)}` })),
      timeEach((i) => registry.discoverServices({ capabilities: `tool:${at(i)}:3` })),
      timeEach((i) => registry.discoverServices({ tags: `rare-${at(i)}`, healthyOnly: true })),
      timeEach((i) =>
        registry.discoverServices({
          tags: `rare-${at(i)}`,
          capabilities: ['tools', `tool:${at(i)}:1`],
          version: '^1.2',
        }),
      ),
      timeEach(() => registry.getService(id)),
    ];
    curve.rows.push([count, ...times.map((time) => us(time.p50))]);
    if (count < 100_000) continue;
    const named = [
      'by tag',
      'by capability',
      'by tag, healthy only',
      'by tag, capability and version',
      'by id',
    ];
    named.forEach((name, i) => {
      const { p50, p99 } = times[i];
      rows.push({
        what: `look-up ${name}, 100,000 services`,
        bar: `< ${bar} µs`,
        measured: `p50 ${us(p50)}, p99 ${us(p99)}`,
        pass: p99 < bar,
      });
    });
  }

  const growing = {
    title: 'Look-up time while the answer grows: the catalogue stays 100,000 services',
    head: ['answer', 'look-up', 'p50', 'per service'],
    rows: [],
  };
  const looks = [
    ['tag rare-7', { tags: 'rare-7' }],
    ['tag hundred-7', { tags: 'hundred-7' }],
    ['tag thousand-7', { tags: 'thousand-7' }],
    ['type mcp_client', { type: 'mcp_client' }],
    ['type mcp_client, healthy', { type: 'mcp_client', healthyOnly: true }],
    ['type mcp_client, limit 100', { type: 'mcp_client', limit: 100 }],
    ['capability tools', { capabilities: 'tools' }],
  ];
  for (const [name, query] of looks) {
    const size = registry.discoverServices(query).length;
    const time = timeEach(() => registry.discoverServices(query), { rounds: 500, warmup: 200 });
    growing.rows.push([size, name, us(time.p50), `${((time.p50 * 1000) / size).toPrecision(2)} ns`]);
    if (name.startsWith('type')) {
      rows.push({
        what: `look-up by ${name}: ${size} of 100,000`,
        bar: `< ${bar} µs`,
        measured: `p50 ${us(time.p50)}, p99 ${us(time.p99)}`,
        pass: time.p50 < bar,
      });
    }
  }

  const ids = registry.discoverServices({ limit: 5000 }).map((record) => record.id);
  const states = ['unhealthy', 'healthy'];
  const lookUpAll = timeEach(() => registry.statistics(), { rounds: 500 });
  rows.push({ what: 'statistics, 100,000 services', measured: `p50 ${us(lookUpAll.p50)}` });
  let start = process.hrtime.bigint();
  for (let i = 0; i < ids.length; i++) await registry.updateStatus(ids[i], states[i & 1]);
  rows.push({ what: 'updateStatus (14 lists each)', measured: us(sinceUs(start) / ids.length) });
  await registry.close();

  globalThis.gc();
  const before = liveHeap();
  start = process.hrtime.bigint();
  const leased = await ServiceRegistry.open();
  for (let n = 0; n < 100_000; n++) {
    await leased.registerService({
      name: `s${n}`,
      type: 'mcp_server',
      endpoint: `http://h${n}/`,
      tags: [`t${n % 1000}`],
    });
  }
  rows.push({ what: 'registerService', measured: us(sinceUs(start) / 100_000) });
  rows.push({
    what: 'memory of 100,000 leased services',
    measured: `${((liveHeap() - before) / 1e6).toFixed(0)} MB`,
  });
  const all = leased.getAllServices().map((record) => record.id);
  start = process.hrtime.bigint();
  for (const id of all) await leased.heartbeat(id);
  rows.push({ what: 'heartbeat', measured: us(sinceUs(start) / all.length) });
  await leased.close();
  return { rows, curves: [curve, growing] };
}

function sinceUs(start) {
  return Number(process.hrtime.bigint() - start) / 1000;
}
