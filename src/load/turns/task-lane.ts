import { failureClasses } from '../../core/outcome.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import { callTemplate, unprepared, type CallTemplate } from '../lanes/call-template.js';
import type { Lane, OutcomeIndex } from '../lanes/lane.js';
import type { LoadDialect } from '../load-target.js';
import { taskSteps, type SeenTask, type TaskChecker } from './task-checker.js';
import { TurnLane } from './turn-lane.js';
import type { TurnShare } from './turn-share.js';

/** What calls as tasks are made with. */
export interface TaskParts {
  checker: TaskChecker;
  /** Of the plan's operations: see {@link taskSteps}. */
  templates: readonly (readonly CallTemplate[])[];
  dialect: LoadDialect;
}

/**
 * A turn that is one task: the call that creates it, polls at the interval that the server suggests, and (session era) the
 * request for its result. A task that is under way when the load ends is left to its time to live.
 */
export class TaskLane extends TurnLane {
  readonly #parts: TaskParts;
  #timer: NodeJS.Timeout | undefined;
  #step: number = taskSteps.create;
  /** Requests of this turn so far. */
  #requests = 0;

  constructor(index: number, share: TurnShare, lane: Lane, parts: TaskParts) {
    super(index, share, [lane]);
    this.#parts = parts;
  }

  protected override firstCalls(): void {
    this.#step = taskSteps.create;
    this.#requests = 0;
    const prepared = this.#parts.templates[taskSteps.create]!;
    this.#send(prepared[this.iteration % prepared.length]!, true);
  }

  protected override next(lane: Lane, outcome: OutcomeIndex): void {
    const seen = this.#parts.checker.take(lane.requestId);
    if (outcome !== outcomeIndex.ok) {
      if (!this.warmup)
        this.share.turns.ended(this.#step, `${failureClasses[outcome - 1] ?? 'failed'}: ${lane.message}`);
      this.finish(lane.endMs, outcome);
    } else if (seen === undefined) this.finish(lane.endMs, outcomeIndex.ok);
    else if (!seen.over) this.#pollLater(seen);
    else if (this.#parts.templates[taskSteps.fetch] === undefined) this.finish(lane.endMs, outcomeIndex.ok);
    else this.#ask(taskSteps.fetch, seen.taskId);
  }

  override close(outcome: OutcomeIndex): void {
    clearTimeout(this.#timer);
    super.close(outcome);
  }

  override destroy(): void {
    clearTimeout(this.#timer);
    super.destroy();
  }

  #pollLater({ taskId, pollMs }: SeenTask): void {
    this.#timer = setTimeout(() => {
      if (this.mayGoOn()) this.#ask(taskSteps.poll, taskId);
      else this.finish(this.share.now(), outcomeIndex.ok, false);
    }, pollMs);
  }

  #ask(step: typeof taskSteps.poll | typeof taskSteps.fetch, taskId: string): void {
    this.#step = step;
    const { templates, dialect } = this.#parts;
    const { method, params } = templates[step]![0]!;
    this.#send(
      callTemplate({ operation: step, variant: unprepared }, method, { ...params, taskId }, dialect),
      false,
    );
  }

  #send(template: CallTemplate, first: boolean): void {
    this.call(this.lanes[0]!, template, this.#requests++, first);
  }
}
