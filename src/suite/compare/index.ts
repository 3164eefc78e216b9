/** Two builds held against each other: in pairs of blocks, or as they were stored. */
export { compareAgainst, type AgainstOptions } from './against-base.js';
export { pairedResult, type PairedContext } from './paired-result.js';
export {
  runPairs,
  type PairedPlan,
  type PairedProgress,
  type PairedRun,
  type RunPair,
} from './paired-run.js';
export type { Side } from './side.js';
export { storedResult } from './stored-result.js';
export { withComparison } from './with-baseline.js';
