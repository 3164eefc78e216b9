import {
  halfLatencyMs,
  strategyWeights,
  type RoutingStrategy,
  type ScoreName,
  type Scores,
} from './scores.js';
import type { ToolState } from './routable-tool.js';

/** A tool to be ranked, with how well a search found it to fit. */
export interface RankCandidate {
  state: ToolState;
  /** Any scale; the best of all candidates becomes 1. Undefined where nothing is known. */
  relevance: number | undefined;
}

/** What tools are ranked for. */
export interface RankOptions {
  strategy: RoutingStrategy;
  /** In lower case. */
  capabilities: readonly string[];
  most: number;
}

/** A ranked tool. */
export interface RankedTool {
  state: ToolState;
  total: number;
  /** False where no candidate came with a relevance. */
  relevanceKnown: boolean;
  values: Readonly<Record<ScoreName, number>>;
}

/** The best tools, best first. One pass over the candidates; only the best are kept. */
export function rankTools(candidates: readonly RankCandidate[], options: RankOptions): RankedTool[] {
  const weights = strategyWeights[options.strategy];
  const { capabilities, most } = options;
  let best = 0;
  let cheapest = Infinity;
  for (const { relevance, state } of candidates) {
    if (relevance !== undefined && relevance > best) best = relevance;
    if (state.cost > 0 && state.cost < cheapest) cheapest = state.cost;
  }
  const ranked: { state: ToolState; total: number; relevance: number }[] = [];
  for (const { state, relevance: raw } of candidates) {
    const relevance = relevanceOf(raw, best);
    const total =
      weights.relevance * relevance +
      weights.capability * capabilityOf(state, capabilities) +
      weights.success * state.success +
      weights.latency * latencyOf(state) +
      weights.cost * costOf(state, cheapest);
    const full = ranked.length === most;
    if (full && total <= ranked[most - 1]!.total) continue;
    let at = full ? most - 1 : ranked.length;
    for (; at > 0 && ranked[at - 1]!.total < total; at--) ranked[at] = ranked[at - 1]!;
    ranked[at] = { state, total, relevance };
  }
  return ranked.map(({ state, total, relevance }) => ({
    state,
    total,
    relevanceKnown: best > 0,
    values: {
      relevance,
      capability: capabilityOf(state, options.capabilities),
      success: state.success,
      latency: latencyOf(state),
      cost: costOf(state, cheapest),
    },
  }));
}

/** The scores of a ranked tool, with their reasons. */
export function scoresOf(ranked: RankedTool, strategy: RoutingStrategy, asked: readonly string[]): Scores {
  const weights = strategyWeights[strategy];
  const { state, values } = ranked;
  const score = (name: ScoreName, reason: string) => ({ value: values[name], weight: weights[name], reason });
  const has = asked.filter((one) => state.capabilities.has(one)).length;
  return {
    relevance: score(
      'relevance',
      ranked.relevanceKnown ? `${percent(values.relevance)} of the best match` : 'relevance not known',
    ),
    capability: score(
      'capability',
      asked.length === 0 ? 'no capability asked for' : `has ${has} of ${asked.length} capabilities`,
    ),
    success: score(
      'success',
      state.calls === 0 && state.tool.usage === undefined
        ? 'no call yet'
        : `${percent(values.success)} of calls succeed`,
    ),
    latency: score(
      'latency',
      state.latencyMs === undefined ? 'latency not known yet' : `${milliseconds(state.latencyMs)} expected`,
    ),
    cost: score('cost', state.cost === 0 ? 'no cost given' : `costs ${state.cost} a call`),
  };
}

function relevanceOf(relevance: number | undefined, best: number): number {
  if (relevance === undefined || best <= 0) return 0.5;
  return Math.max(0, relevance) / best;
}

function capabilityOf(state: ToolState, asked: readonly string[]): number {
  if (asked.length === 0) return 1;
  let has = 0;
  for (const one of asked) if (state.capabilities.has(one)) has++;
  return has / asked.length;
}

function latencyOf({ latencyMs }: ToolState): number {
  // What is not known is taken for middling, so that new tools are tried.
  return latencyMs === undefined ? 0.5 : halfLatencyMs / (halfLatencyMs + latencyMs);
}

function costOf({ cost }: ToolState, cheapest: number): number {
  return cost === 0 ? 1 : Math.min(1, cheapest / cost) * 0.9;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toPrecision(2) : Math.round(ms)} ms`;
}
