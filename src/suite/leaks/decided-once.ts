import type { FoundLeak } from './find-leaks.js';

/**
 * What was found at the end, with the idle times in which a leak may prove to come back. What had been decided under load and is
 * undecided again, since some more came in while the load ended, stays decided.
 */
export function decidedOnce(last: readonly FoundLeak[], underLoad: readonly FoundLeak[]): FoundLeak[] {
  return last.map((one) => {
    if (one.finding.verdict !== 'undecidable') return one;
    const decided = underLoad.find(
      ({ resource, finding }) => resource === one.resource && finding.verdict !== 'undecidable',
    );
    return decided ?? one;
  });
}
