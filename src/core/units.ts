import { usageError } from './errors.js';

const durationUnits = new Map([
  ['us', 0.001],
  ['µs', 0.001],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
]);

const sizeUnits = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1000],
  ['kb', 1000],
  ['kib', 1024],
  ['m', 1e6],
  ['mb', 1e6],
  ['mib', 1024 ** 2],
  ['g', 1e9],
  ['gb', 1e9],
  ['gib', 1024 ** 3],
]);

/**
 * Milliseconds from `250ms`, `30s`, `1.5m`, `2h`, `1m30s`, `200us`. A bare number needs `bare` to name its unit.
 *
 * @throws DynoError (104) that names `what` when the text is no duration.
 */
export function parseDuration(text: string, what: string, bare?: 'ms' | 's'): number {
  const trimmed = text.trim();
  if (bare !== undefined && /^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * (bare === 's' ? 1000 : 1);
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)(us|µs|ms|min|s|m|h)/gy)];
  const matched = parts.reduce((length, part) => length + part[0].length, 0);
  if (parts.length === 0 || matched !== trimmed.length) {
    throw usageError(`Expected ${what} to be a duration such as 500ms, 30s or 1m30s, got '${text}'`);
  }
  return parts.reduce((sum, part) => sum + Number(part[1]) * durationUnits.get(part[2]!)!, 0);
}

/**
 * Bytes from `512`, `64kB`, `2MiB`, `1g`.
 *
 * @throws DynoError (104) that names `what` when the text is no size.
 */
export function parseSize(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = sizeUnits.get(match?.[2]?.toLowerCase() ?? '?');
  if (!match || unit === undefined) {
    throw usageError(`Expected ${what} to be a size such as 512, 64kB or 2MiB, got '${text}'`);
  }
  return Math.round(Number(match[1]) * unit);
}

/** A duration for people: `0.42 ms`, `305 ms`, `5.1 s`, `2 m 30 s`. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${Number(ms.toPrecision(ms < 1 ? 2 : 3))} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toPrecision(3))} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms % 60_000) / 1000);
  return seconds === 0 ? `${minutes} m` : `${minutes} m ${seconds} s`;
}

/** A whole number with thousands separated: `12,346`. The first use of a locale costs more than all the rest of a short command. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A number of bytes for people, in decimal units: `820 B`, `48.1 kB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const whole = unit === 0 && Number.isInteger(value);
  return `${whole ? value : Number(value.toPrecision(3))} ${units[unit]!}`;
}
