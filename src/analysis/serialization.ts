import { quantileCiRanks } from './quantiles.js';
import { median, sortedMedian } from './moments.js';

/** A call by its times, ms on any steady clock. */
export interface TimedCall {
  start: number;
  end: number;
}

/** The experiment: quick calls, with and without a slow one in flight. */
export interface SerializationQuestion {
  slow: readonly TimedCall[];
  /** Quick calls on other connections (or other ids on a pipe), at any time. */
  quick: readonly TimedCall[];
}

/** Whether one slow call holds up the others. */
export type Serialization =
  | {
      kind: 'judged';
      verdict: 'serial' | 'concurrent' | 'partly';
      /** Of the time that was left to the slow call, the median share that a quick one was held: 0 free, 1 until its end. */
      held: number;
      ci95: [number, number];
      /** Quick calls looked at, and their median latency without a slow one, ms. */
      calls: number;
      aloneMs: number;
      sentence: string;
    }
  | { kind: 'not judged'; reason: string };

const leastCalls = 10;

/**
 * Judges whether calls are served one after another. For each quick call that started while a slow one had clearly more time left
 * than a quick call takes, held = (latency − latency alone) / time left. The median of these, with its distribution-free interval,
 * is near 1 where everything waits for the slow call and near 0 where nothing does.
 */
export function judgeSerialization({ slow, quick }: SerializationQuestion): Serialization {
  const alone: number[] = [];
  const during: { latency: number; left: number }[] = [];
  for (const call of quick) {
    const latency = call.end - call.start;
    const over = slow.filter((other) => other.start <= call.start && call.start < other.end);
    const overlaps = slow.some((other) => other.start < call.end && call.start < other.end);
    if (over.length > 0)
      during.push({ latency, left: Math.max(...over.map((other) => other.end - call.start)) });
    else if (!overlaps) alone.push(latency);
  }
  if (alone.length < leastCalls) {
    return {
      kind: 'not judged',
      reason: `serialization: ${alone.length} quick calls alone, ${leastCalls} needed`,
    };
  }
  const aloneMs = median(alone);
  const held = during
    .filter(({ left }) => left >= Math.max(5, 3 * aloneMs))
    .map(({ latency, left }) => Math.min(1, Math.max(0, (latency - aloneMs) / left)))
    .sort((a, b) => a - b);
  const ranks = quantileCiRanks(held.length, 0.5);
  if (held.length < leastCalls || ranks === null) {
    return {
      kind: 'not judged',
      reason: `serialization: ${held.length} quick calls under a slow one with time left, ${leastCalls} needed`,
    };
  }
  const centre = sortedMedian(held);
  const ci95: [number, number] = [held[ranks[0] - 1]!, held[ranks[1] - 1]!];
  const verdict = ci95[0] > 0.5 ? 'serial' : ci95[1] < 0.5 && centre < 0.25 ? 'concurrent' : 'partly';
  const share = `${Math.round(100 * centre)} % of the time it had left`;
  const sentence = {
    serial: `One slow call holds up the others: quick calls waited ${share}.`,
    concurrent: `A slow call does not hold up the others: quick calls waited ${share}.`,
    partly: `A slow call holds up some of the others: quick calls waited ${share} (median).`,
  }[verdict];
  return { kind: 'judged', verdict, held: centre, ci95, calls: held.length, aloneMs, sentence };
}
