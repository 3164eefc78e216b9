/** Limits on metrics: the grammar, the suite's 22 variables, and which of several layers holds. */
export {
  mergeThresholds,
  strangePerformanceVariables,
  thresholdsFor,
  type ThresholdLayers,
} from './layers.js';
export { findMetric, knownMetrics, shortForms, type Dimension, type KnownMetric } from './metric.js';
export { performanceVariables, type PerformanceVariable } from './performance-variables.js';
export { parseThreshold, thresholdKey, type Threshold } from './threshold.js';
