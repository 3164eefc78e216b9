import { didYouMean } from '../../core/index.js';
import { parsePerformanceValue, performanceVariables, thresholdsOf } from './performance-variables.js';
import { thresholdKey, type Threshold } from './threshold.js';

/** Thresholds of each layer, low to high. */
export interface ThresholdLayers {
  config: readonly Threshold[];
  /** The process environment, for `PERF_*`. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Of `DYNO_THRESHOLD` and `--threshold`. */
  flags: readonly Threshold[];
}

/**
 * All thresholds that hold, each once: the suite's defaults, then the config file, then `PERF_*`, then flags; a higher
 * layer replaces the same side of the same metric of the same test.
 *
 * @throws DynoError (104) that names the `PERF_*` variable whose value is no number or out of range.
 */
export function mergeThresholds({ config, environment, flags }: ThresholdLayers): Threshold[] {
  const merged = new Map<string, Threshold>();
  const put = (thresholds: readonly Threshold[]) => {
    for (const threshold of thresholds) merged.set(thresholdKey(threshold), threshold);
  };
  for (const variable of performanceVariables) put(thresholdsOf(variable, variable.default));
  put(config);
  for (const variable of performanceVariables) {
    const text = environment[variable.name];
    if (text !== undefined) put(thresholdsOf(variable, parsePerformanceValue(variable, text)));
  }
  put(flags);
  return [...merged.values()];
}

/** A sentence for each `PERF_*` variable that is set but means nothing here. */
export function strangePerformanceVariables(
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const known = performanceVariables.map((variable) => variable.name);
  return Object.keys(environment)
    .filter((name) => name.startsWith('PERF_') && !known.includes(name))
    .flatMap((name) => {
      const hint = didYouMean(name, known);
      // PERF_ is not ours alone (perf, other tools): only what looks like a slip of ours is worth a word.
      return hint === undefined ? [] : [`${name} is set but is no variable of dyno. ${hint}`];
    });
}

/** The thresholds that apply to one test: its own, and those that name no test. */
export function thresholdsFor(test: string, thresholds: readonly Threshold[]): Threshold[] {
  return thresholds.filter((threshold) => threshold.test === undefined || threshold.test === test);
}
