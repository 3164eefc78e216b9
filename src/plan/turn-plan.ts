import type { AnswerPath } from './chain/answer-path.js';

/**
 * What a virtual user does between two pauses, where that is more than one call; in open models what one arrival is. Its
 * calls are recorded as any others, its own time as `turn_time`.
 */
export type TurnPlan =
  | {
      kind: 'burst';
      /** Calls of the mix in one turn. */
      calls: number;
      /** At most so many of them at once, each over a slot of its own. */
      parallel: number;
    }
  | {
      kind: 'chain';
      /** One after another; step i calls operation i of the plan. */
      steps: ChainStepPlan[];
    }
  | {
      /** One call as a task: created, polled, and (session era) its result fetched. */
      kind: 'task';
      era: 'session' | 'stateless';
    };

/** One call of a chain. */
export interface ChainStepPlan {
  /** What is kept of its answer for later steps. */
  save: { name: string; path: AnswerPath }[];
  /** By set of its operation's params: where kept values go. Empty where the prepared call is sent as it is. */
  holes: ChainHole[][];
}

/** A text in a step's params that kept values go into. */
export interface ChainHole {
  /** Keys and indexes from the params on. */
  at: (string | number)[];
  /** One name alone gives its value as it is; among text it is written out. */
  parts: ({ text: string } | { name: string })[];
}

/** How many lanes one turn needs at once. */
export function turnParallel(turn: TurnPlan | undefined): number {
  return turn?.kind === 'burst' ? turn.parallel : 1;
}

/** How many calls one turn makes where nothing ends it early; 1 where there are no turns. */
export function callsPerTurn(turn: TurnPlan | undefined): number {
  if (turn === undefined) return 1;
  if (turn.kind === 'task') return turn.era === 'session' ? 3 : 2;
  return turn.kind === 'burst' ? turn.calls : turn.steps.length;
}

/** Turns in a few words for people, such as `in bursts of 5 calls, 2 at once`; empty where there are none. */
export function describeTurn(turn: TurnPlan | undefined): string {
  if (turn === undefined) return '';
  if (turn.kind === 'task') return 'as tasks';
  if (turn.kind === 'chain') return `in chains of ${turn.steps.length} calls`;
  const atOnce = turn.parallel > 1 ? `, ${turn.parallel} at once` : '';
  return `in bursts of ${turn.calls} calls${atOnce}`;
}
