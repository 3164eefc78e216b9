import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../../core/random.js';
import { defaultModel } from './fields.js';
import { readQuery } from './query.js';
import { SearchIndex, type IndexedTool } from './search-index.js';
import { Scores, topDocuments } from './top-documents.js';
import { Vocabulary } from './vocabulary.js';

function tool(name: string, description = '', more: Partial<IndexedTool> = {}): IndexedTool {
  const server = more.server ?? 'one';
  return {
    id: `${server}/${name}`,
    server,
    tags: [],
    readOnly: false,
    tool: { name, description, inputSchema: { type: 'object' } },
    ...more,
  };
}

function indexOf(...tools: IndexedTool[]): SearchIndex {
  const index = new SearchIndex();
  for (const one of tools) index.set(one);
  return index;
}

const found = (index: SearchIndex, query: string, limit = 10, filter = {}) =>
  index.search(query, limit, filter).map(({ id }) => id);

const words = 'alpha beta gamma delta epsilon zeta eta theta iota kappa list get create file user page'.split(
  ' ',
);

/** A tool of words drawn so that some are in nearly every tool and some in few. */
function randomTool(random: ReturnType<typeof seededRandom>, number: number): IndexedTool {
  const draw = () => words[Math.floor(words.length * random.next() ** 2)]!;
  const text = (count: number) => Array.from({ length: count }, draw).join(' ');
  const server = `s${random.integer(0, 4)}`;
  return {
    id: `${server}/t${number}`,
    server,
    tags: random.next() < 0.3 ? ['hot'] : [],
    readOnly: random.next() < 0.5,
    tool: { name: `${draw()}_${draw()}`, description: text(random.integer(0, 12)), inputSchema: {} },
  };
}

describe('SearchIndex', () => {
  it('finds by name, title, description, parameters, allowed values, server and tags', () => {
    const index = indexOf(
      tool('alpha'),
      tool('b', '', { tool: { name: 'b', title: 'Bravo', inputSchema: {} } }),
      tool('c', 'does charlie things'),
      tool('d', '', {
        tool: {
          name: 'd',
          inputSchema: {
            properties: {
              deltaValue: { description: 'an echo', enum: ['foxtrot'] },
              outer: { type: 'object', properties: { golf: {} } },
            },
          },
        },
      }),
      tool('e', '', { server: 'hotel' }),
      tool('f', '', { tags: ['india'] }),
    );
    for (const [query, id] of [
      ['alpha', 'one/alpha'],
      ['bravo', 'one/b'],
      ['charlie', 'one/c'],
      ['delta', 'one/d'],
      ['echo', 'one/d'],
      ['foxtrot', 'one/d'],
      ['golf', 'one/d'],
      ['hotel', 'hotel/e'],
      ['india', 'one/f'],
    ]) {
      expect(found(index, query!)).toEqual([id]);
    }
  });

  it('ranks a word in the name above the same word in the description', () => {
    const index = indexOf(tool('other', 'sends an invoice'), tool('invoice', 'sends something'));
    expect(found(index, 'invoice')).toEqual(['one/invoice', 'one/other']);
  });

  it('ranks by what is to be done where the thing is the same', () => {
    const index = indexOf(tool('create_branch'), tool('delete_branch'), tool('list_branches'));
    expect(found(index, 'get rid of a branch')[0]).toBe('one/delete_branch');
    expect(found(index, 'which branches are there')[0]).toBe('one/list_branches');
    expect(found(index, 'make a new branch')[0]).toBe('one/create_branch');
  });

  it('finds through synonyms, misspellings and beginnings of words', () => {
    const index = indexOf(tool('remove_folder'), tool('kubernetes_scale'), tool('weather'));
    expect(found(index, 'erase')).toEqual(['one/remove_folder']);
    expect(found(index, 'directory')).toEqual(['one/remove_folder']);
    expect(found(index, 'kubernets')).toEqual(['one/kubernetes_scale']);
    expect(found(index, 'weathr')).toEqual(['one/weather']);
    expect(found(index, 'kuber')).toEqual(['one/kubernetes_scale']);
    expect(found(index, 'wxathqr')).toEqual([]);
  });

  it('finds nothing for an empty query, and by function words only where there are no others', () => {
    const index = indexOf(tool('who_am_i'), tool('other', 'it is what it is'));
    expect(found(index, '')).toEqual([]);
    expect(found(index, ' \n\t')).toEqual([]);
    expect(found(index, '?!')).toEqual([]);
    expect(found(index, 'who am I')).toEqual(['one/who_am_i']);
  });

  it.each([
    ['Chinese', '搜索文件内容', '搜索文件'],
    ['Japanese', 'ファイルを検索する', '検索'],
    ['Korean', '파일 검색', '검색'],
    ['Thai', 'ค้นหาไฟล์', 'ไฟล์'],
    ['Russian', 'Поиск файлов', 'поиск'],
    ['Arabic', 'البحث عن ملف', 'ملف'],
    ['Hindi', 'फ़ाइल खोजें', 'खोजें'],
    ['Greek', 'Αναζήτηση αρχείων', 'αναζητηση'],
  ])('finds what is described in %s', (_, description, query) => {
    const index = indexOf(tool('a', description), tool('b', 'something else'));
    expect(found(index, query)).toEqual(['one/a']);
  });

  it('reads a query of 100 kB in bounded work and still finds what its rarest words name', () => {
    const index = indexOf(tool('get_stock', 'Stock of an item'), tool('weather'));
    expect(found(index, `stock ${'lorem ipsum '.repeat(9_000)}`)).toEqual(['one/get_stock']);
    expect(found(index, `stock ${'x'.repeat(100_000)}`)).toEqual(['one/get_stock']);
    const manyWords = Array.from({ length: 15_000 }, (_, i) => `w${i}`).join(' ');
    expect(found(index, `stock ${manyWords}`)).toEqual(['one/get_stock']);
  });

  it('orders equal scores by id, whatever the order of arrival', () => {
    const names = ['e', 'b', 'd', 'a', 'c'];
    const index = indexOf(...names.map((name) => tool(`${name}x`, 'same words here')));
    expect(found(index, 'same words', 3)).toEqual(['one/ax', 'one/bx', 'one/cx']);
  });

  it('applies filters before ranking, so that the limit is filled', () => {
    const many = Array.from({ length: 50 }, (_, i) => tool(`report${i}`, 'report report', { server: 'big' }));
    const small = tool('thing', 'makes a report', { server: 'small', tags: ['fin'], readOnly: true });
    const index = indexOf(...many, small);
    expect(found(index, 'report', 5, { servers: ['small'] })).toEqual(['small/thing']);
    expect(found(index, 'report', 5, { tags: ['fin'] })).toEqual(['small/thing']);
    expect(found(index, 'report', 5, { readOnly: true })).toEqual(['small/thing']);
    expect(found(index, 'report', 5, { servers: ['big', 'small'], readOnly: false })).toHaveLength(5);
    expect(found(index, 'report', 5, { servers: ['none'] })).toEqual([]);
    expect(found(index, 'report', 5, { servers: [] })).toEqual([]);
  });

  it('does not find by filter or action alone', () => {
    const index = indexOf(
      tool('get_weather', '', { server: 'small' }),
      tool('get_stock', '', { server: 'small' }),
    );
    expect(found(index, 'show the stock', 5, { servers: ['small'] })[0]).toBe('small/get_stock');
    expect(found(index, 'what is the meaning of zzz', 5, { servers: ['small'] })).toEqual([]);
  });

  it('is after any changes what it would be when built anew', () => {
    const operation = fc.record({
      id: fc.integer({ min: 0, max: 12 }),
      remove: fc.boolean(),
      name: fc.constantFrom(...words),
      description: fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((some) => some.join(' ')),
      tags: fc.subarray(['x', 'y']),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const index = new SearchIndex();
        const expected = new Map<string, IndexedTool>();
        for (const { id, remove, name, description, tags } of operations) {
          const made = tool(name, description, { id: `one/${id}`, tags });
          if (remove) {
            expect(index.delete(made.id)).toBe(expected.delete(made.id));
          } else {
            index.set(made);
            expected.set(made.id, made);
          }
        }
        const fresh = indexOf(...expected.values());
        expect(index.contents()).toEqual(fresh.contents());
        expect(index.sizes()).toEqual(fresh.sizes());
        for (const query of words) {
          expect(index.search(query, 5)).toEqual(fresh.search(query, 5));
          expect(index.search(query, 5, { tags: ['x'] })).toEqual(fresh.search(query, 5, { tags: ['x'] }));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('prunes without changing a result: the same tools as scoring every one', () => {
    for (const seed of ['a', 'b', 'c']) {
      const random = seededRandom(seed);
      const tools = Array.from({ length: 1_500 }, (_, i) => randomTool(random, i));
      const index = indexOf(...tools);
      for (let round = 0; round < 60; round++) {
        const query = Array.from({ length: random.integer(1, 7) }, () => random.pick(words)).join(' ');
        const limit = random.pick([1, 5, 10, 100]);
        const filter = random.pick([
          {},
          { servers: ['s1'] },
          { tags: ['hot'] },
          { readOnly: true },
          { servers: ['s1', 's2'], readOnly: false },
        ]);
        // With a limit as large as the index nothing can be pruned.
        const all = index.search(query, tools.length, filter);
        const pruned = index.search(query, limit, filter);
        expect(pruned.map(({ id }) => id)).toEqual(all.slice(0, limit).map(({ id }) => id));
        pruned.forEach(({ score }, i) => {
          expect(score).toBeCloseTo(all[i]!.score, 9);
        });
      }
    }
  });
});

describe('topDocuments', () => {
  it('gives the sum over groups of the best term of each, as adding up by hand does', () => {
    const random = seededRandom('by hand');
    const vocabulary = new Vocabulary();
    const impacts = new Map<string, Map<number, number>>();
    for (const word of words) {
      const holding = new Map<number, number>();
      for (let document = 0; document < 300; document++) {
        if (random.next() > 0.4) continue;
        const impact = Math.fround(random.next());
        holding.set(document, impact);
        vocabulary.take(word).set(document, impact);
      }
      impacts.set(word, holding);
    }
    const scores = new Scores();
    scores.reserve(300);
    for (let round = 0; round < 100; round++) {
      const groups = Array.from({ length: random.integer(1, 5) }, () => ({
        ranksOnly: random.next() < 0.2,
        terms: Array.from({ length: random.integer(1, 3) }, () => ({
          postings: vocabulary.get(random.pick(words))!,
          weight: random.next() * 3,
        })),
      }));
      const byHand: { document: number; score: number }[] = [];
      for (let document = 0; document < 300; document++) {
        const gain = (group: (typeof groups)[number]) =>
          Math.max(
            0,
            ...group.terms.map((one) => one.weight * (impacts.get(one.postings.term)!.get(document) ?? 0)),
          );
        const own = groups.filter((one) => !one.ranksOnly).reduce((sum, one) => sum + gain(one), 0);
        if (own > 0) byHand.push({ document, score: groups.reduce((sum, one) => sum + gain(one), 0) });
      }
      byHand.sort((a, b) => b.score - a.score || a.document - b.document);
      const limit = random.integer(1, 20);
      const best = topDocuments(groups, { limit, scores, compare: (a, b) => a - b });
      expect(best.length).toBe(Math.min(limit, byHand.length));
      best.forEach(({ document, score }, i) => {
        expect(score).toBeCloseTo(byHand[i]!.score, 9);
        if (Math.abs(byHand[i]!.score - (byHand[i + 1]?.score ?? 0)) > 1e-9) {
          expect(document).toBe(byHand[i]!.document);
        }
      });
      expect(scores.total.every((score) => score === 0)).toBe(true);
      expect(scores.ofGroup.every((score) => score === 0)).toBe(true);
    }
  });
});

describe('readQuery', () => {
  it('keeps of a long query the rarest words', () => {
    const vocabulary = new Vocabulary();
    for (let i = 0; i < 100; i++) {
      for (let document = 0; document <= i; document++) vocabulary.take(`q${i}x`).set(document, 0.5);
    }
    const query = Array.from({ length: 100 }, (_, i) => `q${99 - i}x`).join(' ');
    const groups = readQuery(query, vocabulary, 100, defaultModel);
    const kept = groups.map((group) => group.terms[0]!.postings.term);
    expect(new Set(kept)).toEqual(new Set(Array.from({ length: 32 }, (_, i) => `q${i}x`)));
  });
});
