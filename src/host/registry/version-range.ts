import semver from 'semver';
import { usageError } from '../../core/index.js';
import { shown } from '../shown.js';

const maxRangeLength = 256;
const maxCached = 200;

const ranges = new Map<string, semver.Range>();
const versions = new Map<string, semver.SemVer | null>();

/**
 * A test for versions in a range, in npm's grammar: `^1.2`, `~1.2.3`, `>=1 <3`, `1.x || 2.x`, `1.2.3`. Pre-releases
 * are in a range only where it names one of the same version. `v1.2`, `1` and `2026.8.31` count as versions; what is no
 * version at all is only in the range `*`.
 *
 * @throws DynoError (104) when the range cannot be read.
 */
export function versionRange(range: string): (version: string) => boolean {
  const compiled = compile(range);
  if (compiled.range === '') return () => true;
  return (text) => {
    const version = parseVersion(text);
    return version !== null && compiled.test(version);
  };
}

function compile(range: string): semver.Range {
  const known = ranges.get(range);
  if (known !== undefined) return known;
  if (typeof range !== 'string' || range.length > maxRangeLength) {
    throw usageError(
      `Expected the version range to be a text of at most ${maxRangeLength} characters, got ${shown(range)}`,
    );
  }
  let compiled: semver.Range;
  try {
    compiled = new semver.Range(range);
  } catch (cause) {
    throw usageError(
      `Expected the version range to be one such as ^1.2 or >=1.0.0 <3, got ${shown(range)}`,
      undefined,
      cause,
    );
  }
  remember(ranges, range, compiled);
  return compiled;
}

/** Few versions are in use at once, and parsing one costs more than everything else in a look-up. */
function parseVersion(text: string): semver.SemVer | null {
  const known = versions.get(text);
  if (known !== undefined) return known;
  const plain = /^v?\d{1,15}(\.\d{1,15}){0,2}$/.test(text) ? semver.coerce(text) : null;
  const version = semver.parse(text, { loose: true }) ?? plain;
  remember(versions, text, version);
  return version;
}

function remember<T>(cache: Map<string, T>, key: string, value: T): void {
  if (cache.size >= maxCached) cache.delete(cache.keys().next().value!);
  cache.set(key, value);
}
