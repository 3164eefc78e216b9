/** How tools are weighed against each other. */
export type RoutingStrategy = 'performance' | 'accuracy' | 'cost' | 'latency' | 'balanced';

/** The strategies. */
export const routingStrategies: readonly RoutingStrategy[] = [
  'performance',
  'accuracy',
  'cost',
  'latency',
  'balanced',
];

/** What a tool is scored by, each from 0 to 1. */
export const scoreNames = ['relevance', 'capability', 'success', 'latency', 'cost'] as const;

/** What a tool is scored by. */
export type ScoreName = (typeof scoreNames)[number];

/** How much each score counts; the weights of a strategy add up to 1. */
export const strategyWeights: Readonly<Record<RoutingStrategy, Readonly<Record<ScoreName, number>>>> = {
  performance: { relevance: 0.3, capability: 0.1, success: 0.3, latency: 0.3, cost: 0 },
  accuracy: { relevance: 0.6, capability: 0.2, success: 0.2, latency: 0, cost: 0 },
  cost: { relevance: 0.3, capability: 0.1, success: 0.15, latency: 0.05, cost: 0.4 },
  latency: { relevance: 0.25, capability: 0.1, success: 0.1, latency: 0.55, cost: 0 },
  balanced: { relevance: 0.35, capability: 0.15, success: 0.2, latency: 0.15, cost: 0.15 },
};

/** A latency of this many milliseconds is worth one half. */
export const halfLatencyMs = 250;

/** A score, its weight in the strategy, and where it comes from. */
export interface Score {
  /** 0 (worst) to 1. */
  value: number;
  weight: number;
  /** One clause, such as `12 ms expected`. */
  reason: string;
}

/** All scores of a decision. */
export type Scores = Readonly<Record<ScoreName, Score>>;
