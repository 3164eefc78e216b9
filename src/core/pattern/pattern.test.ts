import { describe, expect, it } from 'vitest';
import type { GuardedPattern } from './guarded-pattern.js';
import { guardPattern, PatternBudgetError } from './guarded-pattern.js';
import { patternCost } from './pattern-cost.js';

const limits = { maxPatternLength: 2000, maxPatternSteps: 10_000_000, maxPatternDegree: 5 };

describe('the cost of a pattern', () => {
  // The catastrophic ones are the classics of OWASP, "Regular expression Denial of Service", and of CVE reports.
  it.each([
    '^(a+)+$',
    '^([a-zA-Z]+)*$',
    '^(a|aa)+$',
    '^(a|a?)+$',
    '^(.*a){11,}$',
    '^(a*)*b',
    '(x+x+)+y',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '^(\\d{1,3})+$',
    '^(?:a?b?)*$',
    '^(?:(?:a{1,30}){1,30})$',
    '^(\\w+\\s?)*$',
    '^((a+)\\2)*$',
    '(?=(a+)+$)x',
    '^(?:[\\w-]+\\.?)+$',
  ])('finds %s exponential', (source) => {
    expect(patternCost(source, true).kind).toBe('exponential');
  });

  // Patterns of real schemas: identifiers, versions, hosts, dates, base64, passwords.
  it.each([
    ['^[a-z0-9]+(?:-[a-z0-9]+)*$', 1],
    ['^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$', 1],
    ['^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$', 1],
    ['^(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)$', 1],
    ['^\\d{4}-\\d{2}-\\d{2}$', 1],
    ['^(\\d{1,2}[:.]?){2,3}$', 3],
    ['^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)$', 1],
    ['^([a-z]+\\.)+[a-z]{2,}$', 1],
    ['^(?=.*[A-Z])(?=.*\\d).{8,}$', 1],
    ['foo', 1],
    ['\\s+$', 2],
    ['^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$', 2],
    ['^a*a*a*$', 3],
    ['^\\p{L}+(?: \\p{L}+)*$', 1],
  ])('finds %s of degree %i', (source, degree) => {
    expect(patternCost(source, true)).toEqual({ kind: 'polynomial', degree });
  });

  it('is judged in bounded time, however the pattern is built', () => {
    const wide = `^(?:${Array.from({ length: 700 }, (_, i) => `w${i}`).join('|')})*$`;
    const nested = `${'('.repeat(300)}a${'*)'.repeat(300)}`;
    const counted = '^((a{0,999}){0,999}){0,999}$';
    for (const source of [wide, nested, counted]) {
      const { kind } = patternCost(source, true);
      expect(['exponential', 'unknown', 'polynomial']).toContain(kind);
    }
    expect(patternCost(nested, true).kind).toBe('exponential');
    expect(patternCost(counted, true).kind).toBe('exponential');
  });
});

describe('a guarded pattern', () => {
  it('matches as the plain one does', () => {
    const pattern = guardPattern('^[a-z]+-\\d{2}$', limits) as GuardedPattern;
    expect(pattern.test('abc-12')).toBe(true);
    expect(pattern.test('abc-1')).toBe(false);
  });

  it('is not run on a text that a quadratic pattern could take too long on', () => {
    const pattern = guardPattern('\\s+$', limits) as GuardedPattern;
    expect(pattern.maxLength).toBe(3162);
    expect(pattern.test(' '.repeat(3000))).toBe(true);
    expect(() => pattern.test(`${' '.repeat(100_000)}x`)).toThrow(PatternBudgetError);
  });

  it('is refused with the reason when it is catastrophic, broken or too long', () => {
    expect(guardPattern('^(a+)+$', limits)).toMatchObject({ reason: expect.stringContaining('exponential') });
    expect(guardPattern('a(', limits)).toMatchObject({ reason: expect.stringContaining('no regular') });
    expect(guardPattern('a'.repeat(3000), limits)).toMatchObject({
      reason: expect.stringContaining('3000 characters'),
    });
    expect(guardPattern('^a*a*a*a*a*a*$', limits)).toMatchObject({ reason: expect.stringContaining('n^6') });
  });

  it('accepts escapes that only patterns without the u flag have', () => {
    const pattern = guardPattern('^\\d+\\-\\d+$', limits) as GuardedPattern;
    expect(pattern.test('1-2')).toBe(true);
  });
});
