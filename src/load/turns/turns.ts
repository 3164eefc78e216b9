import type { LoadPlan } from '../../plan/load-plan.js';
import { turnParallel, type TurnPlan } from '../../plan/turn-plan.js';
import type { EngineParts } from '../engine/closed-engine.js';
import type { Lane, LaneOwner, LaneSource, OutcomeIndex } from '../lanes/lane.js';
import type { TurnDelta } from '../recording/turn-recorder.js';
import { TurnRecorder } from '../recording/turn-recorder.js';
import { BurstLane } from './burst-lane.js';
import { ChainLane, type ChainCalls } from './chain-lane.js';
import type { KeepingChecker } from './keeping-checker.js';
import { TaskLane, type TaskParts } from './task-lane.js';
import type { TurnLane } from './turn-lane.js';
import type { TurnShare } from './turn-share.js';

/** What a chain needs besides what every load has. */
export interface ChainParts {
  calls: ChainCalls;
  checker: KeepingChecker;
}

/**
 * The turns of one load thread: stands between an engine, whose lanes and calls are turns, and the lanes that carry the
 * calls of these turns. Engines are the same as for single calls, closed and open.
 */
export class Turns implements LaneOwner {
  readonly #plan: TurnPlan;
  readonly #perTurn: number;
  readonly #recorder = new TurnRecorder();
  readonly #lanes: TurnLane[] = [];
  #share: TurnShare | undefined;

  /** @throws never; the plan was checked. */
  constructor(plan: TurnPlan) {
    this.#plan = plan;
    this.#perTurn = turnParallel(plan);
  }

  /** The parts of an engine that makes turns, from those of one that makes calls. */
  over(
    parts: EngineParts,
    {
      owner,
      chain,
      task,
    }: { owner: LaneOwner; chain?: ChainParts | undefined; task?: TaskParts | undefined },
  ): EngineParts {
    const { source, mix, book, now, plan } = parts;
    this.#share = {
      owner,
      calls: book,
      turns: this.#recorder,
      now,
      timeoutMs: plan.timeoutMs,
      lastCallMs: Infinity,
      inFlight: 0,
      activity: 0,
    };
    const share = this.#share;
    const make = (index: number) => this.#make(index, share, { source, mix, chain, task });
    return {
      ...parts,
      source: { lane: (index) => (this.#lanes[index] ??= make(index)) },
      // The engine's own call stands for the whole turn; each turn picks its calls itself.
      mix: { pick: () => mix.pick(0) },
      book: {
        sent: (lane) => {
          (lane as TurnLane).due = true;
        },
        sentAtOnce: (lane) => {
          (lane as TurnLane).due = false;
        },
        settled: (lane, outcome) => {
          (lane as TurnLane).close(outcome);
        },
      },
    };
  }

  #make(
    index: number,
    share: TurnShare,
    {
      source,
      mix,
      chain,
      task,
    }: {
      source: Pick<LaneSource, 'lane'>;
      mix: EngineParts['mix'];
      chain: ChainParts | undefined;
      task: TaskParts | undefined;
    },
  ): TurnLane {
    if (this.#plan.kind === 'chain') return new ChainLane(index, share, source.lane(index), chain!);
    if (this.#plan.kind === 'task') return new TaskLane(index, share, source.lane(index), task!);
    const { calls } = this.#plan;
    const lanes = Array.from({ length: this.#perTurn }, (_, place) =>
      source.lane(index * this.#perTurn + place),
    );
    return new BurstLane(index, share, lanes, { calls, mix });
  }

  /** A lane has settled a call. */
  settled(lane: Lane, outcome: OutcomeIndex): void {
    this.#lanes[Math.floor(lane.index / this.#perTurn)]?.callSettled(lane, outcome);
  }

  /** From `ms` of the clock on, turns under way begin no further call. */
  endCallsAt(ms: number): void {
    if (this.#share !== undefined && ms < this.#share.lastCallMs) this.#share.lastCallMs = ms;
  }

  /** Calls under way. */
  get inFlight(): number {
    return this.#share?.inFlight ?? 0;
  }

  /** Changes with every call. */
  get activity(): number {
    return this.#share?.activity ?? 0;
  }

  drain(): TurnDelta | undefined {
    return this.#recorder.drain();
  }
}

/** When turns begin no further calls, by the plan: in the middle of what the calls in flight at the end are given. */
export function lastCallMs(windowEndMs: number, plan: LoadPlan): number {
  return windowEndMs + plan.gracefulStopMs / 2;
}
