/** Statistics and judgement: pure functions from samples to intervals, findings and verdicts. */
export { binomialCdf, normalCdf, normalQuantile, studentCdf, studentQuantile } from './distributions.js';
export { bcaInterval, blockLength, blockResample } from './bootstrap.js';
export {
  blockNoise,
  comparePairs,
  type Comparison,
  type ComparisonOptions,
  type ComparisonVerdict,
  type MetricComparison,
  type Pair,
} from './comparison.js';
export { holm } from './holm.js';
export { directionOf, traitsOf, type Direction, type MetricTraits } from './metric-traits.js';
export { lookLevel, pairOrder, planLooks, voidReason, type BlockEvidence } from './pair-plan.js';
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
export { classifyCpu, type CpuClass, type CpuEvidence } from './cpu-bound.js';
export { bestSplit, type Split } from './energy-split.js';
export {
  judgeSerialization,
  type Serialization,
  type SerializationQuestion,
  type TimedCall,
} from './serialization.js';
export { judgeDrift, judgeStability, type Drift, type Stability } from './stability.js';
export { findKnee, refineLevels, type Knee } from './knee.js';
export { floorNoise, floorOf, type ResourceSample } from './floor.js';
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
export {
  judgeLeak,
  type Growth,
  type LeakEvidence,
  type LeakFinding,
  type LeakQuestion,
  type LeakResource,
} from './leak.js';
export { mannKendall, type Trend } from './mann-kendall.js';
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
export { midranks } from './ranks.js';
export { rateInterval } from './rate-interval.js';
export {
  backlogGrows,
  judgeProbe,
  shareOver,
  type ProbeInterval,
  type ProbeJudgement,
  type ProbeQuestion,
} from './slo-probe.js';
export { nextSloStep, type Probe, type SloSearchPlan, type SloStep } from './slo-search.js';
export { theilSen, type Slope } from './theil-sen.js';
export { judgeThreshold, meets, type ThresholdJudgement, type ThresholdQuestion } from './threshold.js';
export { combineVerdict, type CombinedVerdict, type JudgedTest, type VerdictOptions } from './verdict.js';
export { findWarmUp, type WarmUp } from './warm-up.js';
