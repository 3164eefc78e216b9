import {
  comparePairs,
  pairOrder,
  voidReason,
  type Comparison,
  type ComparisonOptions,
  type Pair,
} from '../../analysis/index.js';
import type { Random } from '../../core/random.js';
import type { LoadProgress } from '../../load/index.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import { runBlock, type Block } from './block.js';
import { SideTotals, type Side } from './side.js';

/** What two builds are compared by. */
export interface PairedPlan extends ComparisonOptions {
  a: Side;
  b: Side;
  /** The load of every block: the same for both. */
  load: LoadPlan;
  minPairs: number;
  maxPairs: number;
  random: Random;
  stop: AbortSignal;
  abort: AbortSignal;
  onProgress?: (progress: PairedProgress) => void;
}

/** A comparison under way. */
export interface PairedProgress {
  /** The pair under way, from 1, and how many there will be as things stand. */
  pair: number;
  until: number;
  maxPairs: number;
  running: Side;
  load: LoadProgress | undefined;
  /** As of the last whole pair; undefined before the first. */
  comparison: Comparison | undefined;
}

/** A pair as it was run. */
export interface RunPair extends Pair {
  order: 'AB' | 'BA';
}

/** Why a comparison ended before its question was answered. */
export interface Broken {
  side: Side;
  why: string;
  hint: string | undefined;
  /** Of how many blocks, and in how many it happened. */
  blocks: number;
  times: number;
}

/** What pairs of blocks came to. */
export interface PairedRun {
  comparison: Comparison;
  pairs: RunPair[];
  totals: { a: SideTotals; b: SideTotals };
  /** Units of the compared metrics, as the blocks gave them. */
  units: Readonly<Record<string, string>>;
  broken: Broken | undefined;
  stopped: boolean;
  durationMs: number;
}

/** So many void pairs in a row, and there is no use in going on. */
const mostVoid = 8;
/** A server that ended so often in its blocks ends always; once may be an accident. */
const mostDeaths = 3;

/**
 * Runs randomised pairs of blocks, each with a fresh process where we start it, and judges at the planned numbers of pairs
 * until the question is answered or the cap is reached.
 */
export async function runPairs(plan: PairedPlan): Promise<PairedRun> {
  const run = new PairsUnderWay(plan);
  const began = performance.now();
  const order = pairOrder(plan.maxPairs * 2 + mostVoid, plan.random);
  let until = Math.min(plan.minPairs, plan.maxPairs);
  for (const [index, one] of order.entries()) {
    if (plan.stop.aborted) break;
    const pair = await run.pair(one, until, began);
    if (pair === undefined || run.hopeless) break;
    if (run.counted < until) continue;
    const { continueTo } = run.comparison();
    if (continueTo === null) break;
    until = continueTo;
    if (index + 1 >= order.length) break;
  }
  return {
    comparison: run.comparison(),
    pairs: run.pairs,
    totals: run.totals,
    units: run.units,
    broken: run.broken,
    stopped: plan.stop.aborted,
    durationMs: performance.now() - began,
  };
}

class PairsUnderWay {
  readonly pairs: RunPair[] = [];
  readonly totals: PairedRun['totals'];
  broken: Broken | undefined;
  readonly units: Record<string, string> = {};
  readonly #plan: PairedPlan;
  readonly #deaths = { A: 0, B: 0 };
  readonly #blocks = { A: 0, B: 0 };
  readonly #watch: boolean;

  constructor(plan: PairedPlan) {
    this.#plan = plan;
    const { operations } = plan.load;
    this.totals = { a: new SideTotals(operations.length), b: new SideTotals(operations.length) };
    this.#watch = plan.metrics.some((metric) => metric.startsWith('target.'));
  }

  get counted(): number {
    return this.pairs.filter((pair) => pair.void === undefined).length;
  }

  get hopeless(): boolean {
    const last = this.pairs.slice(-mostVoid);
    return (
      this.broken !== undefined || (last.length === mostVoid && last.every((one) => one.void !== undefined))
    );
  }

  comparison(): Comparison {
    return comparePairs(this.pairs, this.#plan);
  }

  /** One pair; undefined where it was stopped in the middle. */
  async pair(order: 'AB' | 'BA', until: number, began: number): Promise<RunPair | undefined> {
    const { a, b, stop } = this.#plan;
    const blocks = new Map<Side, { block: Block; atMs: number }>();
    for (const side of order === 'AB' ? [a, b] : [b, a]) {
      const atMs = performance.now() - began;
      const block = await this.#block(side, until);
      if (stop.aborted) return undefined;
      blocks.set(side, { block, atMs });
    }
    const [left, right] = [blocks.get(a)!, blocks.get(b)!];
    const reason = voidReason(left.block.evidence, right.block.evidence);
    const pair: RunPair = {
      order,
      a: this.#values(left.block),
      b: this.#values(right.block),
      ...(reason === undefined ? {} : { void: reason }),
    };
    this.pairs.push(pair);
    if (reason === undefined) {
      for (const [totals, { block, atMs }] of [
        [this.totals.a, left],
        [this.totals.b, right],
      ] as const) {
        if (block.report !== undefined && block.parts !== undefined)
          totals.add(block.report, block.parts, atMs);
      }
    }
    return pair;
  }

  async #block(side: Side, until: number): Promise<Block> {
    const { load, maxPairs, stop, abort, onProgress } = this.#plan;
    const comparison = this.pairs.length === 0 ? undefined : this.comparison();
    const say = (progress: LoadProgress | undefined) => {
      onProgress?.({ pair: this.counted + 1, until, maxPairs, running: side, load: progress, comparison });
    };
    say(undefined);
    const block = await runBlock(side, { plan: load, watch: this.#watch, stop, abort, onProgress: say });
    this.#blocks[side.name]++;
    if (block.died !== undefined && !stop.aborted) {
      const times = ++this.#deaths[side.name];
      if (times >= mostDeaths) {
        const blocks = this.#blocks[side.name];
        this.broken = { side, why: block.died, hint: block.hint, blocks, times };
      }
    }
    return block;
  }

  #values({ parts }: Block): Record<string, number | null> {
    for (const metric of this.#plan.metrics) {
      const unit = parts?.metrics[metric]?.unit;
      if (unit !== undefined) this.units[metric] = unit;
    }
    return Object.fromEntries(
      this.#plan.metrics.map((metric) => [metric, parts?.metrics[metric]?.value ?? null]),
    );
  }
}
