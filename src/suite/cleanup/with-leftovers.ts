import type { TestOutcome } from '../suite-test.js';
import type { Leftover } from './leftover.js';

/**
 * An outcome with what was still there afterwards, as notes. Processes that outlived the target are a failure of the run
 * (exit 99): of this test, unless `resource-cleanup` judges them.
 */
export function withLeftovers(
  outcome: TestOutcome,
  left: readonly Leftover[],
  failOnOrphans: boolean,
): TestOutcome {
  const said = outcome.notes ?? [];
  const untold = left.filter(({ what }) => !said.some((note) => note.includes(what)));
  const notes = [...said, ...new Set(untold.map(({ what }) => `Afterwards ${what}.`))];
  const orphan = left.find(({ kind }) => kind === 'orphan');
  const judged = outcome.status === undefined || outcome.status === 'inconclusive';
  if (orphan === undefined || !failOnOrphans || !judged) return { ...outcome, notes };
  return { ...outcome, notes, status: 'fail', reason: orphan.what };
}
