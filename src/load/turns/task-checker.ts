import { isJsonObject, type JsonObject } from '../../core/json.js';
import { plain } from '../../protocol/message/classify-response.js';
import { AnswerChecker, fromBatch, outcomeIndex } from '../lanes/answer-checker.js';
import type { OutcomeIndex } from '../lanes/lane.js';

/** The operations of a plan of tasks. */
export const taskSteps = { create: 0, poll: 1, fetch: 2 } as const;

/** What an answer said of a task. */
export interface SeenTask {
  taskId: string;
  over: boolean;
  /** Until it should be asked for again, ms. */
  pollMs: number;
}

/** Between two polls where the server suggests nothing, as the official SDK does; and the bounds on what it suggests, ms. */
const usualPollMs = 1000;
const shortestPollMs = 1;
const longestPollMs = 60_000;

/** Judges the answers that tasks are made of, and keeps what they say of their task, by the id of the request. */
export class TaskChecker extends AnswerChecker {
  readonly #seen = new Map<number, SeenTask>();

  override checkParsed(parsed: unknown, id: number, operation: number): OutcomeIndex | undefined {
    const answer = Array.isArray(parsed) ? fromBatch(parsed, id) : parsed;
    const result =
      isJsonObject(answer) && answer['id'] === id && isJsonObject(answer['result'])
        ? answer['result']
        : undefined;
    if (operation === taskSteps.create) {
      const task = result?.['resultType'] === 'task' ? result : result?.['task'];
      // In the stateless era the server decides: a call that is answered at once is a good one, too.
      if (!isJsonObject(task)) return super.checkParsed(parsed, id, operation);
      return this.#saw(task, id, task);
    }
    const outcome = super.checkParsed(parsed, id, operation);
    if (outcome !== outcomeIndex.ok || result === undefined) return outcome;
    return operation === taskSteps.poll ? this.#saw(result, id, result['result']) : this.#content(result);
  }

  /** Hands over what the answer to this request said of a task; undefined where it said nothing. */
  take(id: number): SeenTask | undefined {
    const seen = this.#seen.get(id);
    if (seen !== undefined) this.#seen.delete(id);
    return seen;
  }

  /** @param inline the result of the call, where it comes with the status (stateless era). */
  #saw(task: JsonObject, id: number, inline: unknown): OutcomeIndex {
    const { taskId, status, pollInterval, pollIntervalMs } = task;
    if (typeof taskId !== 'string' || taskId === '') return this.#wrong("the task has no 'taskId'");
    const suggested = pollInterval ?? pollIntervalMs;
    const known = typeof suggested === 'number' && Number.isFinite(suggested);
    const pollMs = known ? Math.min(longestPollMs, Math.max(shortestPollMs, suggested)) : usualPollMs;
    if (status === 'working' || status === 'completed') {
      this.#seen.set(id, { taskId, over: status === 'completed', pollMs });
      return status === 'completed' && isJsonObject(inline) && inline !== task
        ? this.#content(inline)
        : outcomeIndex.ok;
    }
    if (status === 'failed' || status === 'cancelled') {
      const { error, statusMessage } = task;
      const said = isJsonObject(error) ? error['message'] : statusMessage;
      this.message = `the task is ${status}${typeof said === 'string' ? `: ${plain(said, 200)}` : ''}`;
      return outcomeIndex.rpc;
    }
    const words =
      status === 'input_required' ? 'asks for input' : `is ${plain(JSON.stringify(status ?? null), 40)}`;
    return this.#wrong(`the task ${words}`);
  }

  #content(result: JsonObject): OutcomeIndex {
    if (result['isError'] === true) {
      this.message = 'the result of the task is isError: true';
      return outcomeIndex.tool;
    }
    if (Array.isArray(result['content']) || result['structuredContent'] !== undefined) return outcomeIndex.ok;
    return this.#wrong('the result of the task has no content');
  }

  #wrong(message: string): OutcomeIndex {
    this.message = message;
    return outcomeIndex.mismatch;
  }
}
