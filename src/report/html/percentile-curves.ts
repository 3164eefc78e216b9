import { Histogram } from '../../core/histogram/index.js';
import type { RunResult, TestResult } from '../../core/index.js';

/** Steps of log10(1/(1−p)); a curve has a value at each, up to where its samples end. */
export const curveStep = 0.04;

/** Latency by percentile: `ms[i]` at log10(1/(1−p)) = i · {@link curveStep}. */
export interface Curve {
  name: string;
  /** Of what this run is compared with. */
  base?: true;
  count: number;
  ms: number[];
}

/** The curves of a test and of its base; a histogram that cannot be read is left out. */
export function percentileCurves(run: RunResult, test: TestResult): Curve[] {
  const base = run.comparison?.histograms?.[test.id] ?? {};
  return [
    ...Object.entries(test.histograms).flatMap(([name, text]) => curveOf(name, text) ?? []),
    ...Object.entries(base).flatMap(([name, text]) => {
      const curve = test.histograms[name] === undefined ? undefined : curveOf(name, text);
      return curve === undefined ? [] : { ...curve, base: true as const };
    }),
  ];
}

/** The histogram of a text; undefined when it is none (a file may come from anywhere). */
export function histogramOf(text: string): Histogram | undefined {
  try {
    return Histogram.fromBase64(text);
  } catch {
    return undefined;
  }
}

function curveOf(name: string, text: string): Curve | undefined {
  const histogram = histogramOf(text);
  if (histogram === undefined || histogram.count === 0) return undefined;
  const { count } = histogram;
  const steps = Math.floor(Math.log10(count) / curveStep + 1e-9);
  const ms: number[] = [];
  let seen = 0;
  for (const bucket of histogram.buckets()) {
    seen += bucket.count;
    while (ms.length <= steps && seen >= rankAt(ms.length, count)) ms.push(bucket.ms);
    if (ms.length > steps) break;
  }
  return { name, count, ms };
}

function rankAt(step: number, count: number): number {
  return Math.min(count, Math.max(1, Math.ceil(count * (1 - 10 ** (-step * curveStep)) - 1e-9)));
}
