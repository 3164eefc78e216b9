/**
 * Routing: which tools, on which replicas, and the calls themselves.
 */
export type { AttemptReport, Invoke, RoutedCall } from './call-with-retries.js';
export type { BreakerOptions } from './circuit-breaker.js';
export { verdictOf, type CallVerdict } from './health.js';
export type { OutlierOptions, ReplicaHealth } from './replica.js';
export type { Probe, ReplicaStatus } from './replica-pool.js';
export type { RoutableTool } from './routable-tool.js';
export {
  routingStrategies,
  scoreNames,
  strategyWeights,
  type RoutingStrategy,
  type Score,
  type ScoreName,
  type Scores,
} from './scores.js';
export {
  ToolRouter,
  type RoutedAttempt,
  type RoutedCallOptions,
  type RoutingContext,
  type RoutingDecision,
  type RoutingResult,
  type ToolRouterOptions,
} from './tool-router.js';
