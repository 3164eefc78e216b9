import { describe, expect, it } from 'vitest';
import { formatBytes } from './units.js';

describe('formatBytes', () => {
  it('keeps whole bytes whole, and three digits of all else', () => {
    expect(
      [0, 999, 171.25248888829805, -14.794514, 7640, 1_234_567].map((bytes) => formatBytes(bytes)),
    ).toEqual(['0 B', '999 B', '171 B', '-14.8 B', '7.64 kB', '1.23 MB']);
  });
});
