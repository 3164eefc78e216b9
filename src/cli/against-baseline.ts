import { resolve } from 'node:path';
import type { JsonObject, RunResult } from '../core/index.js';
import { readEnvironment } from '../measure/index.js';
import type { Baseline } from '../store/index.js';
import type { CommandContext } from './command.js';

/** What a run is held against: `--baseline`. */
export interface AgainstBaseline {
  /** What else has changed, as far as it is known before the run: a sentence each. */
  before(target: RunResult['target'], plan: JsonObject): Promise<string[]>;
  /** The run with its comparison and the verdict that follows. */
  judge(run: RunResult): RunResult;
}

/**
 * Reads the baseline of `--baseline`, before anything is started; undefined without that option.
 *
 * @throws DynoError (104) for a baseline that is not there, damaged, of another schema or without samples.
 */
export async function againstBaseline({
  settings,
  io,
}: CommandContext): Promise<AgainstBaseline | undefined> {
  if (settings.baseline === undefined) return undefined;
  const { mismatches, readBaseline } = await import('../store/index.js');
  const { compareAgainst, withComparison } = await import('../suite/compare/index.js');
  const baseline: Baseline = await readBaseline(resolve(io.cwd, settings.baselineDir), settings.baseline);
  const base = `baseline ${baseline.name}`;
  return {
    before: async (target, plan) => {
      const environment = await readEnvironment();
      return mismatches(baseline, { environment, target, plan, tests: [] }, base).map((one) => one.text);
    },
    judge: (run) => {
      const { tolerance, allowInconclusive } = settings;
      const comparison = compareAgainst(baseline, run, { tolerance, base, now: 'this run' });
      return withComparison(run, comparison, { allowInconclusive });
    },
  };
}
