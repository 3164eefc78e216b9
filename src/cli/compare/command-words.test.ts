import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandWords } from './command-words.js';

describe('a start command as one text', () => {
  it.each([
    ['node build/server.js', ['node', 'build/server.js']],
    ['  node\tserver.js  --port  3 ', ['node', 'server.js', '--port', '3']],
    [`sh -c 'exec node "my server.js"'`, ['sh', '-c', 'exec node "my server.js"']],
    ['node "my \\"server\\".js"', ['node', 'my "server".js']],
    ['node my\\ server.js', ['node', 'my server.js']],
    [`node --name=''`, ['node', '--name=']],
    [`node ''`, ['node', '']],
    [`run 'a | b && $c'`, ['run', 'a | b && $c']],
  ])('%s', (text, words) => {
    expect(commandWords(text, '--a')).toEqual(words);
  });

  it.each([
    ['node a.js | tee log', "--a has '|' in it, which only a shell understands"],
    ['cd x && node a.js', "--a has '&' in it"],
    ['node $SERVER', "--a has '$' in it"],
    ["node 'a.js", "--a has an open '"],
    ['   ', 'Expected --a to be a URL, a run or a start command, got nothing'],
  ])('refuses %j in one sentence', (text, message) => {
    expect(() => commandWords(text, '--a')).toThrow(message);
  });

  it('gives back any words that were quoted', () => {
    const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (words) => {
        expect(commandWords(words.map(quoted).join(' '), '--a')).toEqual(words);
      }),
    );
  });
});
