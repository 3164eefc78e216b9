import { describe, expect, it } from 'vitest';
import { versionRange } from './version-range.js';

describe('a version range', () => {
  // As npm reads them: https://docs.npmjs.com/cli/v11/using-npm/package-json and the semver package's own tests.
  it.each([
    ['^1.2.3', ['1.2.3', '1.9.0'], ['1.2.2', '2.0.0', '1.3.0-rc.1']],
    ['~1.2', ['1.2.0', '1.2.9'], ['1.3.0']],
    ['>=1.0.0 <3', ['1.0.0', '2.9.9'], ['0.9.9', '3.0.0']],
    ['1.x || 3.x', ['1.4.0', '3.0.1'], ['2.0.0']],
    ['^0.2.3', ['0.2.9'], ['0.3.0']],
    ['2026.8.x', ['2026.8.31'], ['2026.9.1']],
    ['>=2.0.0-rc.1', ['2.0.0-rc.2', '2.0.0'], ['2.0.0-beta.9', '3.0.0-alpha']],
    ['^1', ['v1.2.3', '1', '1.2', '1.2.3+build.7'], ['main', '', '1.2.3.4', '1-2']],
  ])('%s', (range, inside, outside) => {
    const test = versionRange(range);
    for (const version of inside) expect(test(version), version).toBe(true);
    for (const version of outside) expect(test(version), version).toBe(false);
  });

  it('* takes everything, even what is no version', () => {
    expect(versionRange('*')('main')).toBe(true);
  });

  it('stays quick on hostile text, in range and version', () => {
    expect(() => versionRange('>'.repeat(250))).toThrow(/version range/);
    expect(() => versionRange(' '.repeat(200) + 'x'.repeat(50))).toThrow(/version range/);
    expect(versionRange('^1')('1.' + '0'.repeat(98))).toBe(false);
  });
});
