import { mergeThresholds, parseThreshold, type Threshold } from '../plan/thresholds/index.js';
import { asGiven, type MergedSettings } from '../plan/options/index.js';
import type { LoadedConfig } from '../plan/config/index.js';
import type { Io } from './io.js';

/**
 * All thresholds that hold for a run: the suite's defaults, config file, `PERF_*`, `--threshold`; with
 * `--abort-on-fail` each of the user's own ends the run.
 */
export function thresholdsOf(
  { settings, origins, config }: MergedSettings & { config: LoadedConfig | undefined },
  environment: Io['env'],
): Threshold[] {
  const place = asGiven('threshold', origins.threshold);
  const flags = (settings.threshold ?? []).map((text) => parseThreshold(text, place));
  const merged = mergeThresholds({ config: config?.thresholds ?? [], environment, flags });
  const { abortOnFail } = settings;
  if (abortOnFail === undefined) return merged;
  return merged.map((threshold) => ({ ...threshold, abortOnFail: { delayMs: abortOnFail } }));
}
