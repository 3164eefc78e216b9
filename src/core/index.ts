/** Types, errors, clock and units that everything here shares. Imports nothing of ours. */
export { backgroundClock, FakeClock, sleep, systemClock, type Clock } from './clock.js';
export { DynoError, messageOf, unreachableError, usageError, type DynoErrorOptions } from './errors.js';
export { decidingExitCode, exitCodes, type ExitCode } from './exit-code.js';
export { isJsonObject, type Json, type JsonObject } from './json.js';
export { parseJsonc } from './jsonc.js';
export { didYouMean, editDistance, nearest } from './nearest.js';
export { failureClasses, outcomes, type FailureClass, type Outcome } from './outcome.js';
export { lastLines, printable, printableLine } from './printable.js';
export { seededRandom, type Random } from './random.js';
export { isSecretName, redact, redacted, Secrets, secrets } from './redact.js';
export {
  runSchema,
  type ComparedMetric,
  type ComparisonReport,
  type ExchangeSample,
  type Failure,
  type GeneratorReport,
  type Heatmap,
  type Metric,
  type Metrics,
  type RunResult,
  type TargetReport,
  type TestResult,
  type TestStatus,
  type ThresholdOperator,
  type ThresholdResult,
  type TimeWindow,
} from './run-result.js';
export { formatBytes, formatCount, formatDuration, parseDuration, parseSize } from './units.js';
export { version } from './version.js';
