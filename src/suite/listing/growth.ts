import { theilSen } from '../../analysis/index.js';
import type { Metric, Metrics } from '../../core/run-result.js';

/** A value at a size of the catalogue. */
export interface AtSize {
  tools: number;
  value: number;
}

/** How a value grows with the number of tools: a straight line. */
export interface Growth {
  /** Of one tool more, in the unit of the values. */
  perTool: number;
  /** 95 % confidence interval; null below three points. */
  ci95: [number, number] | null;
  /** What a catalogue without tools would have. */
  base: number;
}

/**
 * The line through values at several sizes, by Theil and Sen, whom single slow answers do not move; undefined where all are of
 * one size.
 */
export function growthOf(points: readonly AtSize[]): Growth | undefined {
  const line = theilSen(
    points.map(({ tools }) => tools),
    points.map(({ value }) => value),
  );
  return line === null ? undefined : { perTool: line.slope, ci95: line.ci95, base: line.intercept };
}

/** Whether a growth is told from none: its interval leaves zero out. */
export function isGrowth({ ci95, perTool }: Growth): boolean {
  if (ci95 === null) return perTool !== 0;
  return ci95[0] > 0 || ci95[1] < 0;
}

/** `NAME` as a metric for so many tools; nothing where there is no growth to tell. */
export function growthMetric(name: string, growth: Growth | undefined, unit: string, tools: number): Metrics {
  if (growth === undefined) return {};
  const { perTool, ci95 } = growth;
  const metric: Metric = {
    value: perTool * tools,
    unit,
    ci95: ci95 === null ? null : [ci95[0] * tools, ci95[1] * tools],
  };
  return { [name]: metric };
}
