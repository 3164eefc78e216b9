import { expect, it } from 'vitest';
import type { LeakResource } from '../../analysis/index.js';
import { decidedOnce } from './decided-once.js';
import type { FoundLeak } from './find-leaks.js';

const found = (resource: LeakResource, verdict: string, reason: string) =>
  ({ resource, finding: { verdict, reason } }) as FoundLeak;

it('keeps what was decided under load, and of the undecided what the end says', () => {
  const last = [
    found('memory', 'undecidable', 'the noise at the end'),
    found('fds', 'undecidable', 'too few at the end'),
    found('threads', 'clean', 'came back'),
  ];
  const underLoad = [
    found('memory', 'undecidable', 'rose by 150 MB under load'),
    found('fds', 'clean', 'none'),
    found('threads', 'leaking', 'grew'),
  ];
  expect(decidedOnce(last, underLoad)).toEqual([last[0], underLoad[1], last[2]]);
});
