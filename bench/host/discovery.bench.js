/** Speed of discovery: indexing, searching and updating catalogues of up to 100,000 tools. */
import { createRequire } from 'node:module';
import { adapterSource, ToolDiscovery } from '../../dist/host/discovery/index.js';
import { byServer, madeCatalogue } from './made-catalogue.js';
import { liveHeap, timeEach, us } from './measure.js';
import { timeCases } from './per-case.js';
import { readQueries } from './quality.js';

/** @returns {Promise<{ rows: import('./measure.js').Row[], curves: import('./measure.js').Curve[] }>} */
export async function bench() {
  const { tune, report } = readQueries();
  const queries = [...tune, ...report].map(({ query }) => query);
  const rows = [];
  const curve = [];
  for (const size of [1_000, 3_000, 10_000, 30_000, 100_000]) {
    const measured = await one(size, queries);
    curve.push([
      size,
      `${Math.round(measured.indexMs)} ms`,
      us(measured.search.p50),
      us(measured.search.p99),
      us(measured.rare.p50),
      us(measured.rare.p99),
      us(measured.update.p99),
      `${Math.round(measured.bytesPerTool)} B`,
    ]);
    if (size !== 10_000 && size !== 100_000) continue;
    const bar = size === 10_000 ? 1_000 : 10_000;
    const name = size.toLocaleString('en');
    rows.push(
      {
        what: `${name} tools indexed`,
        ...(size === 10_000 && { bar: '< 2 s', pass: measured.indexMs < 2_000 }),
        measured: `${Math.round(measured.indexMs)} ms`,
      },
      {
        what: `search among ${name} tools, p99 over ${queries.length} users' queries`,
        bar: size === 10_000 ? '< 1 ms' : '< 10 ms',
        measured: us(measured.search.p99),
        pass: measured.search.p99 < bar,
      },
      {
        what: `one of ${name} tools updated, p99`,
        bar: size === 10_000 ? '< 1 ms' : '',
        measured: us(measured.update.p99),
        ...(size === 10_000 && { pass: measured.update.p99 < 1_000 }),
      },
    );
  }
  rows.push(...(await peer(queries)));
  return {
    rows,
    curves: [
      {
        title:
          'The catalogue grows: users\' queries match a fixed share of it; "rare" queries match about twelve tools however large it is',
        head: ['tools', 'indexed in', 'search p50', 'p99', 'rare p50', 'p99', 'update p99', 'heap per tool'],
        rows: curve,
      },
    ],
  };
}

async function one(size, queries) {
  const catalogue = madeCatalogue(size);
  // Names that a fixed number of tools share, so that the answer stays as large while the catalogue grows.
  const shared = Array.from({ length: 50 }, (_, i) => `zq${i}vx`);
  for (let i = 0; i < 600; i++) {
    const place = Math.floor((i * size) / 600);
    const { server, tool } = catalogue[place];
    catalogue[place] = { server, tool: { ...tool, name: `${tool.name}_${shared[i % 50]}` } };
  }
  const servers = byServer(catalogue);
  const before = liveHeap();
  let discovery;
  let indexMs = Infinity;
  for (let build = 0; build < (size > 10_000 ? 1 : 3); build++) {
    discovery = new ToolDiscovery();
    const start = performance.now();
    for (const [server, tools] of servers) await discovery.addSource(adapterSource(server, tools));
    indexMs = Math.min(indexMs, performance.now() - start);
  }
  const bytesPerTool = (liveHeap() - before) / size;
  if (discovery.size !== size) throw new Error(`Expected ${size} tools, found ${discovery.size}`);
  const search = await timeCases(queries.length, (i) => discovery.search(queries[i]));
  const rare = await timeCases(shared.length, (i) => discovery.search(`${shared[i]} list`), { rounds: 25 });
  const update = await updates(discovery, servers);
  discovery.close();
  return { indexMs, bytesPerTool, search, rare, update };
}

/** One changed tool of one server of some twenty tools at a time, through the source, as `list_changed` brings it. */
async function updates(discovery, servers) {
  const usual = ([, one], [, other]) => Math.abs(one.length - 20) - Math.abs(other.length - 20);
  const [server, tools] = [...servers].sort(usual)[0];
  const own = tools.map((tool) => ({ ...tool }));
  discovery.removeSource(server);
  await discovery.addSource(adapterSource(server, () => own));
  let change = 0;
  return timeCases(
    own.length,
    (i) => {
      change++;
      own[i] = { ...own[i], description: `Changed for the ${change}th time, about ${change} things` };
      return discovery.refresh(server);
    },
    { rounds: 25 },
  );
}

/** The same catalogue in minisearch, for the record; only where it is installed, since nothing here needs it. */
async function peer(queries) {
  let MiniSearch;
  try {
    MiniSearch = createRequire(import.meta.url)('minisearch');
  } catch {
    return [
      { what: 'minisearch on the same 10,000 tools', measured: 'not installed (npm i --no-save minisearch)' },
    ];
  }
  const fields = ['name', 'description', 'parameters'];
  const search = new MiniSearch({ fields, searchOptions: { boost: { name: 3 } } });
  const documents = madeCatalogue(10_000).map(({ tool }, id) => ({
    id,
    name: tool.name.replace(/[_-]/g, ' '),
    description: tool.description ?? '',
    parameters: Object.entries(tool.inputSchema.properties ?? {})
      .map(([name, property]) => `${name} ${property?.description ?? ''}`)
      .join(' '),
  }));
  const start = performance.now();
  search.addAll(documents);
  const indexMs = performance.now() - start;
  const times = timeEach((i) => search.search(queries[i % queries.length]).slice(0, 10), {
    rounds: 700,
    warmup: 50,
  });
  return [
    {
      what: 'for the record: minisearch 7, the same 10,000 tools',
      measured: `indexed in ${Math.round(indexMs)} ms, search p50 ${us(times.p50)}, p99 ${us(times.p99)}`,
    },
  ];
}
