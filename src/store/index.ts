/** What stays of runs: their files, which are the truth, an index over them, and baselines. */
export {
  baselineOf,
  baselineSchema,
  listBaselines,
  mismatches,
  parseBaseline,
  readBaseline,
  removeBaseline,
  saveBaseline,
  type Baseline,
  type Mismatch,
} from './baseline.js';
export { parseRun, readRunFile, runFileName, writeRunFile, writeWhole } from './run-file.js';
export { findRun, listRunIds, prune, runPath, startOf, type Retention } from './run-folder.js';
export { RunIndex, type MetricPoint, type RunFilter } from './run-index.js';
export { rowOf, type RunRow } from './run-row.js';
