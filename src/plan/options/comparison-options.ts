import { usageError } from '../../core/index.js';
import { option, type CommandName } from './option.js';
import { duration, integer, many, shown, text, written } from './value-type.js';

const judging: readonly CommandName[] = ['compare', 'test', 'load'];

function parseShare(value: string, what: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(value);
  const share = match ? Number(match[1]) / (match[2] === '%' ? 100 : 1) : NaN;
  if (share > 0 && share <= 1) return share;
  throw usageError(`Expected ${what} to be a share such as 5% or 0.05, up to 100%, got ${shown(value)}`);
}

const share = written<number>('SHARE', parseShare, (value) => `${Number((100 * value).toPrecision(6))}%`, {
  type: ['string', 'number'],
});

/** What is held against what, and how sure an answer has to be. */
export const comparisonOptions = {
  a: option({
    flag: 'a',
    type: text('TARGET'),
    help: 'what to compare with: URL, run or command',
    group: 'Comparison',
    commands: ['compare'],
    shownBy: ['compare'],
    flagOnly: true,
  }),
  b: option({
    flag: 'b',
    type: text('TARGET'),
    help: 'what is judged: URL, run or command',
    group: 'Comparison',
    commands: ['compare'],
    shownBy: ['compare'],
    flagOnly: true,
  }),
  pairs: option({
    flag: 'pairs',
    type: integer({ min: 1, max: 1000 }),
    default: 10,
    help: 'at least so many pairs of blocks',
    group: 'Comparison',
    commands: ['compare'],
    shownBy: ['compare'],
  }),
  maxPairs: option({
    flag: 'max-pairs',
    type: integer({ min: 1, max: 1000 }),
    default: 40,
    help: 'at most, while undecided',
    group: 'Comparison',
    commands: ['compare'],
  }),
  block: option({
    flag: 'block',
    type: duration({ min: 50 }),
    default: 1000,
    help: 'how long a block counts, after its warm-up',
    group: 'Comparison',
    commands: ['compare'],
  }),
  metric: option<string[]>({
    flag: 'metric',
    type: many(text('NAME'), { commas: true }),
    help: 'compare this metric (repeatable)',
    group: 'Comparison',
    commands: ['compare'],
    shownBy: ['compare'],
  }),
  tolerance: option({
    flag: 'tolerance',
    type: share,
    default: 0.03,
    help: 'a smaller change does not matter',
    group: 'Comparison',
    commands: judging,
    shownBy: ['compare'],
  }),
  baseline: option({
    flag: 'baseline',
    type: text('NAME'),
    help: 'fail on a regression against this baseline',
    group: 'Comparison',
    commands: ['test', 'load'],
    shownBy: ['test'],
  }),
  baselineDir: option({
    flag: 'baseline-dir',
    type: text('DIR'),
    default: '.dyno/baselines',
    help: 'where baselines are',
    group: 'Comparison',
    commands: ['test', 'load'],
  }),
};
