import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { intendedAction } from './actions.js';
import { stem } from './stem.js';
import { thesaurus, toolThesaurus } from './synonyms.js';
import { tokens } from './tokens.js';

describe('tokens', () => {
  it.each([
    ['searchFiles', ['search', 'files']],
    ['search_files-now', ['search', 'files', 'now']],
    ['HTTPServer', ['http', 'server', 'httpserver']],
    ['GitHub', ['git', 'hub', 'github']],
    ['p95 of s3 in 2026', ['p95', 'of', 's3', 'in', '2026']],
    ['Über-Größe', ['uber', 'große']],
    ['naïve café', ['naive', 'cafe']],
    ['ＦＵＬＬ ｗｉｄｔｈ', ['full', 'width']],
    ['поиск файлов', ['поиск', 'фаилов']],
    ['搜索文件', ['搜索', '索文', '文件']],
    ['ファイル検索', ['ファ', 'ァイ', 'イル', 'ル検', '検索']],
    ['파일 검색', ['파일', '검색']],
    ['読む', ['読む']],
    ['git提交', ['git', '提交']],
    ['كِتاب', ['كتاب']],
    ['🔥💥', []],
    ['', []],
  ])('takes %j apart', (text, expected) => {
    expect(tokens(text)).toEqual(expected);
  });

  it('gives ASCII text the same words on its fast path as on the general one', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_ .-]{0,40}$/);
    fc.assert(
      fc.property(word, (text) => {
        // The trailing letter of another alphabet sends the text along the general path.
        expect(tokens(`${text} б`)).toEqual([...tokens(text), 'б']);
      }),
    );
  });

  it('ends on any text, with tokens of bounded length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        for (const token of tokens(text)) {
          expect(token.length).toBeGreaterThan(0);
          expect(token.length).toBeLessThanOrEqual(64);
        }
      }),
    );
    expect(tokens('x'.repeat(100_000))).toEqual(['x'.repeat(64)]);
  });

  it('reads no more than it is told to', () => {
    expect(tokens('one two three', 7)).toEqual(['one', 'two']);
  });
});

describe('stem', () => {
  it.each([
    ['create', ['creates', 'created', 'creating', 'creation']],
    ['delete', ['deletes', 'deleted', 'deleting', 'deletion']],
    ['file', ['files']],
    ['directory', ['directories']],
    ['search', ['searches', 'searching', 'searched']],
    ['run', ['runs', 'running', 'ran']],
    ['translate', ['translation', 'translating', 'translator']],
    ['subscribe', ['subscription', 'subscribed']],
    ['status', ['statuses']],
    ['address', ['addresses']],
    ['box', ['boxes']],
  ])('joins the forms of %s', (word, forms) => {
    expect(new Set([word, ...forms].map(stem))).toEqual(new Set([stem(word)]));
  });

  it.each([
    ['news', 'new'],
    ['string', 'strip'],
    ['table', 'tab'],
    ['universe', 'university'],
    ['post', 'poster'],
  ])('keeps %s and %s apart', (a, b) => {
    expect(stem(a)).not.toBe(stem(b));
  });

  it('leaves other scripts, numbers and short words alone', () => {
    for (const word of ['файлы', 'k8s', 'ls', 'is', '検索']) expect(stem(word)).toBe(word);
  });
});

describe('thesaurus', () => {
  it('relates the words of a line with one another, and not with those of other lines', () => {
    const made = thesaurus('delete remove\nremove uninstall\n');
    expect(made.get(stem('delete'))).toEqual([stem('remove')]);
    expect(new Set(made.get(stem('remove')))).toEqual(new Set([stem('delete'), stem('uninstall')]));
  });

  it('never has a word as its own synonym', () => {
    for (const [word, others] of toolThesaurus) expect(others).not.toContain(word);
  });
});

describe('intendedAction', () => {
  it.each([
    ['what is on my calendar', 'read'],
    ['which files changed', 'read'],
    ['can you delete the branch', 'delete'],
    ['how do I create a branch', 'create'],
    ['please rename the file', 'update'],
    ['stop the server', 'stop'],
    ['the blue one', undefined],
  ])('of %j is %s', (query, action) => {
    expect(intendedAction(tokens(query))).toBe(action);
  });
});
