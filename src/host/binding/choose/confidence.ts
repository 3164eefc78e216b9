import type { ToolRecord } from '../../discovery/types.js';
import type { Filling } from '../arguments/fill.js';
import { parametersOf } from '../arguments/parameters.js';
import type { BindingStrategy, ConfidenceReason } from '../types.js';
import { percent, type Candidate } from './candidates.js';

/** What each reason weighs, per strategy; tuned on the tuning half of bench/host's labelled bindings. */
const weights: Readonly<
  Record<BindingStrategy, Record<'match' | 'arguments' | 'entities' | 'reliability', number>>
> = {
  exact: { match: 0.7, arguments: 0.2, entities: 0.05, reliability: 0.05 },
  fuzzy: { match: 0.85, arguments: 0.05, entities: 0.05, reliability: 0.05 },
  semantic: { match: 0.5, arguments: 0.15, entities: 0.3, reliability: 0.05 },
  category: { match: 0.5, arguments: 0.15, entities: 0.3, reliability: 0.05 },
  performance: { match: 0.35, arguments: 0.1, entities: 0.1, reliability: 0.45 },
};

/** A tool whose source fails may have changed since. */
const staleFactor = 0.9;
/** A tool that is this much slower than the quickest of the candidates counts half for its latency. */
const slowFactor = 4;

/** The confidence in a candidate, and why. */
export function judge(
  candidate: Candidate,
  filling: Filling,
  entityCount: number,
  strategy: BindingStrategy,
  quickestMs: number | undefined,
): { confidence: number; reasons: ConfidenceReason[] } {
  const { record } = candidate;
  const weight = weights[strategy];
  const reasons: ConfidenceReason[] = [
    { what: 'match', detail: candidate.why, value: candidate.match, weight: weight.match },
    { what: 'arguments', weight: weight.arguments, ...argumentsReason(record, filling) },
    { what: 'entities', weight: weight.entities, ...entitiesReason(filling, entityCount) },
    { what: 'reliability', weight: weight.reliability, ...reliabilityReason(record, quickestMs) },
  ];
  let confidence = reasons.reduce((sum, reason) => sum + reason.value * reason.weight, 0);
  if (record.stale) {
    confidence *= staleFactor;
    reasons.push({
      what: 'staleness',
      detail: 'Its server does not answer now; this is its last known form',
      value: staleFactor,
      weight: 0,
    });
  }
  return { confidence: Math.min(1, confidence), reasons };
}

function argumentsReason(record: ToolRecord, filling: Filling): { value: number; detail: string } {
  const required = parametersOf(record.tool.inputSchema).filter(
    (one) => one.required && one.path.length === 1,
  ).length;
  if (required === 0) return { value: 1, detail: 'It requires no arguments' };
  const missing = filling.missing.length;
  if (missing === 0) return { value: 1, detail: `All ${required} required arguments are filled` };
  const share = Math.max(0, 1 - missing / Math.max(required, missing));
  return { value: share, detail: `Missing ${missing} of its required arguments` };
}

function entitiesReason(filling: Filling, entityCount: number): { value: number; detail: string } {
  if (entityCount === 0) return { value: 0.5, detail: 'No entities were given' };
  const placed = entityCount - filling.unused.length;
  const sure = filling.filled.filter(({ origin }) => origin === 'entities');
  const mean =
    sure.length === 0 ? 0 : sure.reduce((sum, { confidence }) => sum + confidence, 0) / sure.length;
  return {
    value: (placed / entityCount) * mean,
    detail: `${placed} of ${entityCount} entities found a place, ${percent(mean)} sure`,
  };
}

function reliabilityReason(
  record: ToolRecord,
  quickestMs: number | undefined,
): { value: number; detail: string } {
  const { calls, successRate, latencyMs } = record.usage;
  if (calls === 0) return { value: 0.5, detail: 'It was never called yet' };
  const speed =
    latencyMs === undefined || quickestMs === undefined
      ? 0.5
      : 1 / (1 + (latencyMs / Math.max(quickestMs, 1) - 1) / slowFactor);
  return {
    value: 0.7 * successRate + 0.3 * Math.min(1, speed),
    detail: `${percent(successRate)} of ${calls} calls succeeded${latencyMs === undefined ? '' : `, ${latencyMs.toFixed(1)} ms each`}`,
  };
}
