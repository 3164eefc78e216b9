import type { Dimension } from './metric.js';

/** The units that each dimension may be written in, as factors to its own unit (the first one). */
const units: Record<Dimension, readonly (readonly [string, number])[]> = {
  time: [
    ['ms', 1],
    ['us', 0.001],
    ['µs', 0.001],
    ['s', 1000],
    ['min', 60_000],
    ['m', 60_000],
    ['h', 3_600_000],
  ],
  share: [
    ['', 1],
    ['%', 0.01],
  ],
  rate: [
    ['ops/s', 1],
    ['/s', 1],
    ['calls/s', 1],
    ['req/s', 1],
    ['rps', 1],
    ['ops/min', 1 / 60],
    ['/min', 1 / 60],
  ],
  memory: [
    ['MB', 1],
    ['B', 1e-6],
    ['kB', 1e-3],
    ['GB', 1e3],
    ['KiB', 1024 / 1e6],
    ['MiB', 1024 ** 2 / 1e6],
    ['GiB', 1024 ** 3 / 1e6],
  ],
  bytes: [
    ['B', 1],
    ['kB', 1e3],
    ['MB', 1e6],
    ['KiB', 1024],
    ['MiB', 1024 ** 2],
  ],
  percent: [['%', 1]],
  'memory-rate': [
    ['MB/h', 1],
    ['kB/h', 1e-3],
    ['GB/h', 1e3],
    ['MiB/h', 1024 ** 2 / 1e6],
  ],
  count: [['', 1]],
  'rate-coefficient': [['', 1]],
};

/** The unit that a dimension's metrics are kept in: `ms`, `MB`, …; empty where they have none. */
export function ownUnit(dimension: Dimension): string {
  return units[dimension][0]![0];
}

/** The units that a threshold on this dimension may use, its own first. */
export function allowedUnits(dimension: Dimension): string[] {
  return units[dimension].map(([name]) => name).filter((name) => name !== '');
}

/** What to multiply a value in `unit` by to get the dimension's own unit; undefined where the unit does not belong. */
export function unitFactor(dimension: Dimension, unit: string): number | undefined {
  if (unit === '') return 1;
  const exact = units[dimension].find(([name]) => name === unit);
  // `mb` and `MS` are what people type; no two units of one dimension differ by case alone.
  return (exact ?? units[dimension].find(([name]) => name.toLowerCase() === unit.toLowerCase()))?.[1];
}
