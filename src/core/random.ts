/** A seeded source of randomness: the same seed gives the same values on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [min, max], both included. */
  integer(min: number, max: number): number;
  /** One of the items; throws a RangeError when there are none. */
  pick<T>(items: readonly T[]): T;
  /** An exponentially distributed number with the given mean. */
  exponential(mean: number): number;
  /** A normally distributed number (Box and Muller, 1958). */
  normal(mean: number, deviation: number): number;
  /** An independent source for a named purpose: adding a purpose does not disturb the others. */
  fork(purpose: string): Random;
}

/** Spreads a text over 32 bits (xmur3 by bryc, public domain). */
function hash(text: string): number {
  let h = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353);
    h = (h << 13) | (h >>> 19);
  }
  h = Math.imul(h ^ (h >>> 16), 2246822507);
  h = Math.imul(h ^ (h >>> 13), 3266489909);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A {@link Random} from a seed: sfc32 (Chris Doty-Humphrey, PractRand). Not for secrets. */
export function seededRandom(seed: number | string): Random {
  const text = String(seed);
  let a = hash(text + '/a') | 0;
  let b = hash(text + '/b') | 0;
  let c = hash(text + '/c') | 0;
  let counter = 1;
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  return {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick(items) {
      if (items.length === 0) throw new RangeError('Expected at least one item to pick from');
      return items[Math.floor(next() * items.length)]!;
    },
    exponential: (mean) => -Math.log(1 - next()) * mean,
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    fork: (purpose) => seededRandom(`${text}/${purpose}`),
  };
}
