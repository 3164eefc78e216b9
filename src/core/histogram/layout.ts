/**
 * The one HDR layout of this project: 1 µs to 1 h in whole µs at 3 significant digits, so that every histogram can be
 * added to every other (HdrHistogram by Gil Tene; index arithmetic as in its reference implementation).
 */
export const lowestUs = 1;
export const highestUs = 3_600_000_000;
export const significantDigits = 3;

const halfCountMagnitude = 10;
const halfCount = 1 << halfCountMagnitude;
const subBucketMask = 2 * halfCount - 1;

/** The bucket index of a value in µs; values above the highest go into the last bucket. */
export function indexOfUs(us: number): number {
  const value = us > highestUs ? highestUs : us;
  const bucket = 32 - halfCountMagnitude - 1 - Math.clz32(value | subBucketMask);
  return ((bucket + 1) << halfCountMagnitude) + ((value >>> bucket) - halfCount);
}

/** How many buckets there are. */
export const bucketCount = indexOfUs(highestUs) + 1;

/** The smallest value in µs that falls into a bucket. */
export function lowestUsOf(index: number): number {
  const bucket = (index >> halfCountMagnitude) - 1;
  if (bucket < 0) return index;
  return ((index & (halfCount - 1)) + halfCount) * 2 ** bucket;
}

/** The largest whole value in µs that falls into a bucket: what percentiles report, as HdrHistogram does. */
export function highestUsOf(index: number): number {
  const bucket = (index >> halfCountMagnitude) - 1;
  return lowestUsOf(index) + (bucket <= 0 ? 1 : 2 ** bucket) - 1;
}
