/** HDR histograms of durations: layout, encoding, quantiles. */
export { decodeV2, encodeV2, type BucketCounts } from './codec.js';
export { Histogram, type Bucket } from './histogram.js';
export { bucketCount, highestUs, highestUsOf, indexOfUs, lowestUsOf } from './layout.js';
