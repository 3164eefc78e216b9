import { describe, expect, it } from 'vitest';
import { scaledServiceMs } from './scalability.js';

const law = { lambda: 50, sigma: 0.05, kappa: 0.0005, noise: 0 };

describe('a server that scales by the law', () => {
  it('takes N / X(N), so that N closed clients see X(N)', () => {
    expect(scaledServiceMs(law, 1, 1)).toBe(20);
    // X(44) = 50·44 / (1 + 0.05·43 + 0.0005·44·43) = 537.1/s by hand.
    expect((1000 * 44) / scaledServiceMs(law, 44, 1)).toBeCloseTo(537.1, 0);
  });

  it('keeps the noise of a level, and scatters over levels as told', () => {
    const noisy = { ...law, noise: 0.02 };
    const off = (n: number) => scaledServiceMs(noisy, n, 1) / scaledServiceMs(law, n, 1) - 1;
    expect(off(40)).toBe(off(40));
    expect(off(40)).toBeCloseTo(off(41), 10);
    const all = Array.from({ length: 60 }, (_, i) => off(Math.round(1.15 ** (i + 1)) + i));
    const deviation = Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0) / all.length);
    expect(deviation).toBeGreaterThan(0.012);
    expect(deviation).toBeLessThan(0.03);
  });
});
