/**
 * Quality of search beside flat BM25: on the labelled queries of data/queries.txt over the catalogues of
 * data/catalogues, and on BFCL's live-multiple set where its two files are there.
 *
 * BFCL (Berkeley Function-Calling Leaderboard, ShishirPatil/gorilla, Apache-2.0) is not part of this repository. Point
 * DYNO_BFCL at a folder that holds `bfcl_eval/data/BFCL_v4_live_multiple.json` as `live_multiple.json` and the file of
 * the same name under `possible_answer/` as `answers.json`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapterSource, ToolDiscovery } from '../../dist/host/discovery/index.js';
import { FlatBm25 } from './flat-bm25.js';
import { byServer } from './made-catalogue.js';
import { checkNotCopied, judge, pairedBootstrap, readCatalogues, readQueries } from './quality.js';

const measures = [
  ['hit1', 'hit@1'],
  ['recall5', 'R@5'],
  ['ndcg10', 'nDCG@10'],
];

/** @returns {Promise<{ rows: import('./measure.js').Row[] }>} */
export async function bench() {
  const catalogue = readCatalogues();
  const queries = readQueries();
  checkNotCopied([...queries.tune, ...queries.report], catalogue);
  const ids = catalogue.map(({ server, tool }) => `${server}/${tool.name}`);
  const flat = new FlatBm25(catalogue.map(({ tool }) => tool));
  const ours = await searchOver(byServer(catalogue));
  const rows = [];
  for (const half of ['tune', 'report']) {
    const set = `${half} half: ${queries[half].length} queries, ${catalogue.length} tools`;
    rows.push(
      ...compare(
        set,
        judge(queries[half], (query) => flat.search(query, 10).map((i) => ids[i])),
        judge(queries[half], ours),
        half === 'report',
      ),
    );
  }
  rows.push(...(await bfcl()));
  return { rows };
}

/** Rows that hold one ranking beside the other; with a verdict where `judged`. */
function compare(set, flat, ours, judged) {
  return measures.map(([key, name]) => {
    const { difference, low, high } = pairedBootstrap(flat, ours, key);
    return {
      what: `${set}: ${name}`,
      ...(judged && { bar: 'CI of the difference above 0', pass: low > 0 }),
      measured:
        `${ours[key].toFixed(3)}, flat BM25 ${flat[key].toFixed(3)}; ` +
        `difference ${difference.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`,
    };
  });
}

async function searchOver(servers) {
  const discovery = new ToolDiscovery();
  for (const [server, tools] of servers) await discovery.addSource(adapterSource(server, tools));
  discovery.close();
  return (query) =>
    discovery.search(query, { limit: 10 }).map(({ record }) => `${record.server}/${record.name}`);
}

async function bfcl() {
  const folder = process.env['DYNO_BFCL'];
  const what = 'BFCL live-multiple';
  if (folder === undefined)
    return [{ what, measured: 'not run: DYNO_BFCL names no folder with its two files' }];
  for (const name of ['live_multiple.json', 'answers.json']) {
    if (!existsSync(join(folder, name))) throw new Error(`DYNO_BFCL: ${join(folder, name)} is not there`);
  }
  const [cases, answers] = ['live_multiple.json', 'answers.json'].map((name) =>
    readFileSync(join(folder, name), 'utf8').trim().split('\n').map(JSON.parse),
  );
  const tools = new Map();
  for (const one of cases)
    for (const tool of one.function) if (!tools.has(tool.name)) tools.set(tool.name, tool);
  const queries = cases.map((one, i) => ({
    query: one.question[0]
      .filter(({ role }) => role === 'user')
      .map(({ content }) => content)
      .join(' '),
    right: [`bfcl/${Object.keys(answers[i].ground_truth[0])[0]}`],
  }));
  const catalogue = [...tools.values()].map(({ parameters, ...tool }) => ({
    ...tool,
    inputSchema: parameters,
  }));
  const flat = new FlatBm25(catalogue);
  const ours = await searchOver(new Map([['bfcl', catalogue]]));
  const both = (set) => [
    judge(set, (query) => flat.search(query, 10).map((i) => `bfcl/${catalogue[i].name}`)),
    judge(set, ours),
  ];
  const [allFlat, allOurs] = both(queries);
  const figures = (one) => measures.map(([key]) => one[key].toFixed(3)).join(', ');
  // The first, third … query helped to tune the ranking (see defaultModel); the others did not.
  const report = queries.filter((_, i) => i % 2 === 1);
  return [
    {
      what: `${what}: ${catalogue.length} tools, ${queries.length} queries; flat BM25 as published`,
      bar: '0.600, 0.851, 0.756',
      measured: `${figures(allFlat)}; ours ${figures(allOurs)}`,
    },
    ...compare(`${what}, the ${report.length} queries not tuned on`, ...both(report), true),
  ];
}
