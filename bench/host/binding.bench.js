/** Speed and quality of binding. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ToolBinder } from '../../dist/host/binding/index.js';
import { adapterSource, ToolDiscovery } from '../../dist/host/discovery/index.js';
import { ToolValidator } from '../../dist/host/validation/index.js';
import { byServer, madeCatalogue } from './made-catalogue.js';
import { us } from './measure.js';
import { timeCases } from './per-case.js';
import { readCatalogues } from './quality.js';

const cases = JSON.parse(readFileSync(new URL('data/binding-cases.json', import.meta.url), 'utf8'));

/** @returns {Promise<{ rows: import('./measure.js').Row[], curves: import('./measure.js').Curve[] }>} */
export async function bench() {
  const rows = [...(await quality())];
  const curve = [];
  for (const size of [100, 1_000, 10_000, 100_000]) {
    const { first, later } = await speed(size);
    curve.push([size, us(first), us(later.p50), us(later.p99)]);
    if (size === 1_000 || size === 10_000) {
      rows.push({
        what: `bindTools, at most 10 of ${size.toLocaleString('en')} tools, p99 over ${cases.length} cases`,
        bar: '< 2 ms',
        measured: `${us(later.p99)}, p50 ${us(later.p50)}`,
        pass: later.p99 < 2_000,
      });
    }
  }
  return {
    rows,
    curves: [
      { title: 'Binding while the catalogue grows', head: ['tools', 'the first', 'p50', 'p99'], rows: curve },
    ],
  };
}

async function binderOver(servers) {
  const discovery = new ToolDiscovery();
  for (const [server, tools] of servers) await discovery.addSource(adapterSource(server, tools));
  discovery.close();
  return new ToolBinder({ discovery, call: () => Promise.resolve({ content: [] }) });
}

async function speed(size) {
  const binder = await binderOver(byServer(madeCatalogue(size)));
  const bind = (i) => {
    const { query, entities, context } = cases[i];
    return binder.bindTools({ query, entities, context, maxTools: 10 });
  };
  const start = process.hrtime.bigint();
  await bind(0);
  const first = Number(process.hrtime.bigint() - start) / 1000;
  return { first, later: await timeCases(cases.length, bind) };
}

async function quality() {
  const catalogue = readCatalogues();
  const binder = await binderOver(byServer(catalogue));
  const validator = new ToolValidator({ level: 'standard' });
  const halves = { tune: { count: 0, tool: 0, both: 0 }, report: { count: 0, tool: 0, both: 0 } };
  let forbidden = 0;
  for (const [i, one] of cases.entries()) {
    const half = halves[i % 2 === 0 ? 'tune' : 'report'];
    const bindings = await binder.bindTools({
      query: one.query,
      entities: one.entities,
      context: one.context,
    });
    for (const binding of bindings) {
      const result = validator.validateInput(binding.tool.tool, binding.arguments);
      if (!result.valid && result.errors.some(({ keyword }) => keyword !== 'required')) forbidden++;
    }
    half.count++;
    const [best] = bindings;
    if (best === undefined || !one.right.includes(best.tool.id)) continue;
    half.tool++;
    if (isDeepStrictEqual(best.arguments, one.arguments)) half.both++;
  }
  const share = (part, { count }) => `${((100 * part) / count).toFixed(1)} %`;
  return [
    ...Object.entries(halves).map(([name, half]) => ({
      what: `${name} half: ${half.count} labelled bindings over ${catalogue.length} tools, tool and arguments right`,
      ...(name === 'report' && { bar: '≥ 80 %', pass: half.both / half.count >= 0.8 }),
      measured: `${share(half.both, half)} (the tool alone ${share(half.tool, half)})`,
    })),
    {
      what: 'values that a schema forbids, in all bindings of both halves',
      bar: '0',
      measured: String(forbidden),
      pass: forbidden === 0,
    },
  ];
}
