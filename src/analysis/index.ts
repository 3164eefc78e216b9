/** Statistics and judgement: pure functions from samples to intervals, findings and verdicts. No I/O, no clock. */

// Intervals and sample rules
export {
  bucketPercentile,
  percentileBy,
  quantileCiRanks,
  quantileRank,
  samplesForInterval,
  samplesForValue,
  sortedPercentile,
  valueAtRank,
  type CumulativeBuckets,
  type Percentile,
} from './quantiles.js';
export { percentileMetrics, type SortedTimes } from './percentile-metrics.js';
export {
  batchMeans,
  batchMeansInterval,
  mean,
  meanInterval,
  median,
  medianDeviation,
  sortedMedian,
  standardDeviation,
  sum,
  variance,
} from './moments.js';
export { rateInterval } from './rate-interval.js';
export { bcaInterval, blockLength, blockResample, percentileInterval } from './bootstrap.js';
export { binomialCdf, normalCdf, normalQuantile, studentCdf, studentQuantile } from './distributions.js';
export { midranks } from './ranks.js';
export { mannKendall, type Trend } from './mann-kendall.js';
export { theilSen, type Slope } from './theil-sen.js';

// Thresholds, generator, verdict
export { judgeThreshold, meets, type ThresholdJudgement, type ThresholdQuestion } from './threshold.js';
export {
  attributeLimit,
  busyShareLimit,
  judgeGenerator,
  scheduleLagLimitMs,
  scheduleLagShareLimit,
  type Attribution,
  type GeneratorEvidence,
  type GeneratorJudgement,
  type LoadEvidence,
} from './generator.js';
export { combineVerdict, type CombinedVerdict, type JudgedTest, type VerdictOptions } from './verdict.js';

// Warm-up, stability, CPU, serialization
export { findWarmUp, type WarmUp } from './warm-up.js';
export { judgeDrift, judgeStability, type Drift, type Stability } from './stability.js';
export { classifyCpu, type CpuClass, type CpuEvidence } from './cpu-bound.js';
export {
  judgeSerialization,
  type Serialization,
  type SerializationQuestion,
  type TimedCall,
} from './serialization.js';

// Leaks
export { floorNoise, floorOf, type ResourceSample } from './floor.js';
export {
  judgeLeak,
  type Growth,
  type LeakEvidence,
  type LeakFinding,
  type LeakQuestion,
  type LeakResource,
} from './leak.js';

// Capacity
export {
  fitUsl,
  uslPeak,
  uslThroughput,
  type LevelPoint,
  type UslCoefficients,
  type UslFit,
  type UslInterval,
} from './usl.js';
export { findKnee, refineLevels, type Knee } from './knee.js';
export { nextSloStep, type Probe, type SloSearchPlan, type SloStep } from './slo-search.js';
export {
  backlogGrows,
  callsToPass,
  judgeProbe,
  shareOver,
  type ProbeInterval,
  type ProbeJudgement,
  type ProbeQuestion,
} from './slo-probe.js';

// Comparison and history
export {
  blockNoise,
  comparePairs,
  type Comparison,
  type ComparisonOptions,
  type ComparisonVerdict,
  type MetricComparison,
  type Pair,
} from './comparison.js';
export { lookLevel, pairOrder, planLooks, voidReason, type BlockEvidence } from './pair-plan.js';
export { directionOf, traitsOf, type Direction, type MetricTraits } from './metric-traits.js';
export { holm } from './holm.js';
export { hodgesLehmann, signedRank, signedRankInterval, type SignedRank } from './signed-rank.js';
export {
  compareSeries,
  compareValues,
  sliceMeans,
  type StoredComparison,
  type StoredValue,
} from './stored-comparison.js';
export {
  findChangePoints,
  pooledTTest,
  type ChangePoint,
  type ChangePointOptions,
  type HistoryFinding,
} from './change-points.js';
export { bestSplit, type Split } from './energy-split.js';
