/**
 * How good a ranking is on labelled queries: hit@1, recall@5 and nDCG@10 (binary relevance; Järvelin and Kekäläinen,
 * "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20 (4), 2002), and a paired bootstrap of differences
 * (Efron and Tibshirani, 1993; queries drawn with replacement, 10,000 times, percentile interval).
 */
import { readdirSync, readFileSync } from 'node:fs';

const data = new URL('data/', import.meta.url);

/** All catalogues of data/catalogues, as `{ server, tool }`. */
export function readCatalogues() {
  return readdirSync(new URL('catalogues/', data))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const { server, tools } = JSON.parse(readFileSync(new URL(`catalogues/${name}`, data), 'utf8'));
      return tools.map((tool) => ({ server, tool }));
    });
}

/**
 * The labelled queries, the first, third … for tuning, the second, fourth … for the report.
 *
 * @returns {{ tune: LabelledQuery[], report: LabelledQuery[] }}
 * @typedef {{ query: string, right: string[] }} LabelledQuery `right`: ids as `server/name`
 */
export function readQueries() {
  const all = readFileSync(new URL('queries.txt', data), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [query, right] = line.split(' => ');
      return { query, right: right.split(' | ') };
    });
  return { tune: all.filter((_, i) => i % 2 === 0), report: all.filter((_, i) => i % 2 === 1) };
}

/**
 * @param {LabelledQuery[]} queries
 * @param {(query: string) => string[]} search the ids found, best first, ten at least where there are as many
 */
export function judge(queries, search) {
  const each = queries.map(({ query, right }) => {
    const found = search(query).slice(0, 10);
    const wanted = new Set(right);
    let gain = 0;
    found.forEach((id, rank) => {
      if (wanted.has(id)) gain += 1 / Math.log2(rank + 2);
    });
    let ideal = 0;
    for (let rank = 0; rank < Math.min(10, wanted.size); rank++) ideal += 1 / Math.log2(rank + 2);
    return {
      query,
      hit1: wanted.has(found[0]) ? 1 : 0,
      recall5: found.slice(0, 5).filter((id) => wanted.has(id)).length / Math.min(5, wanted.size),
      ndcg10: gain / ideal,
    };
  });
  return { hit1: mean(each, 'hit1'), recall5: mean(each, 'recall5'), ndcg10: mean(each, 'ndcg10'), each };
}

/** The 95 % interval of the mean difference b − a of one measure, paired by query. */
export function pairedBootstrap(a, b, measure, { rounds = 10_000, seed = 1 } = {}) {
  const differences = b.each.map((one, i) => one[measure] - a.each[i][measure]);
  const random = mulberry32(seed);
  const means = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    let sum = 0;
    for (let i = 0; i < differences.length; i++)
      sum += differences[Math.floor(random() * differences.length)];
    means[round] = sum / differences.length;
  }
  means.sort();
  return {
    difference: differences.reduce((sum, one) => sum + one, 0) / differences.length,
    low: means[Math.floor(0.025 * rounds)],
    high: means[Math.ceil(0.975 * rounds) - 1],
  };
}

function mean(each, measure) {
  return each.reduce((sum, one) => sum + one[measure], 0) / each.length;
}

/** mulberry32 (T. Ettinger, public domain). */
function mulberry32(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Throws where a query shares four words in a row with what one of its right tools says of itself: a query copied from
 * the catalogue would measure nothing.
 */
export function checkNotCopied(queries, catalogue) {
  const texts = new Map(
    catalogue.map(({ server, tool }) => [
      `${server}/${tool.name}`,
      ` ${plainWords(JSON.stringify(tool)).join(' ')} `,
    ]),
  );
  for (const { query, right } of queries) {
    const words = plainWords(query);
    for (const id of right) {
      const text = texts.get(id);
      if (text === undefined) throw new Error(`queries.txt: there is no tool ${id} in the catalogues`);
      for (let i = 0; i + 4 <= words.length; i++) {
        const run = words.slice(i, i + 4).join(' ');
        if (text.includes(` ${run} `)) throw new Error(`queries.txt: '${query}' shares '${run}' with ${id}`);
      }
    }
  }
}

function plainWords(text) {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}
