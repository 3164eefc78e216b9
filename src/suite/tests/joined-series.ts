import type { TestResult } from '../../core/run-result.js';
import { coarserPoints, seriesColumns } from '../../load/index.js';
import type { LoadedPart } from '../suite-test.js';

type Series = TestResult['series'];

/** A series of a RunResult has so many points at most. */
const mostPoints = 600;

/**
 * The series of several loads one after another, at most 600 points: where there are more, neighbours of the same load are put
 * together.
 *
 * @param begins when each load began, ms from the beginning of the first.
 */
export function joinedSeries(loads: readonly LoadedPart[], begins: readonly number[]): Series {
  const size = sizeFor(loads.map(({ parts }) => parts.series.t.length));
  const joined: Series = { t: [] };
  for (const [index, load] of loads.entries()) {
    const before = joined.t.length;
    for (const [name, values] of Object.entries(size === 1 ? load.parts.series : coarser(load, size))) {
      const column = (joined[name] ??= new Array<number | null>(before).fill(null) as number[]);
      const moved = name === 't' ? values.map((value) => Number(value) + begins[index]! / 1000) : values;
      column.push(...(moved as number[]));
    }
    for (const column of Object.values(joined)) {
      while (column.length < joined.t.length) (column as (number | null)[]).push(null);
    }
  }
  return joined;
}

/** How many neighbours are put together, so that all loads fit. */
function sizeFor(lengths: readonly number[]): number {
  const points = (size: number) => lengths.reduce((sum, length) => sum + Math.ceil(length / size), 0);
  let size = 1;
  while (points(size) > mostPoints && size < Math.max(...lengths)) size++;
  return size;
}

/** The columns of a load are made anew of its histograms; those of the target are of the last moment of each interval. */
function coarser({ report, parts }: LoadedPart, size: number): Series {
  const own = seriesColumns(coarserPoints(report.series, size), 'offered_rate' in parts.series);
  const last = own.t.map((_, index) => Math.min((index + 1) * size, parts.series.t.length) - 1);
  const others = Object.entries(parts.series).filter(([name]) => !(name in own));
  const kept = others.map(([name, values]) => [name, last.map((at) => values[at])] as const);
  return { ...own, ...(Object.fromEntries(kept) as Series) };
}
