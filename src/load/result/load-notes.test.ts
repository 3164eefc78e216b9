import { expect, it } from 'vitest';
import { warmUpNotes } from './load-notes.js';

const load = (ms: number, calls: number, failed = 0) => ({
  warmup: { ms, calls, failed, steady: undefined },
});

it('tells what was left out as warm-up once, of one load or of several', () => {
  expect(warmUpNotes([load(0, 0)])).toEqual([]);
  expect(warmUpNotes([load(500, 2320)])).toEqual(['Warm-up: the first 500 ms (2,320 calls) are left out.']);
  expect(warmUpNotes([load(500, 2320), load(0, 0), load(500, 9440, 3)])).toEqual([
    'Warm-up: the first 500 ms of each of 2 loads (11,760 calls in all, 3 of them failed) are left out.',
  ]);
  expect(warmUpNotes([load(27_000, 10), load(500, 5)])).toEqual([
    'Warm-up: the first 500 ms to 27 s of each of 2 loads (15 calls in all) are left out.',
  ]);
});
