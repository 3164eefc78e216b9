import { sleep, systemClock, type Clock } from '../../core/clock.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { plain } from '../message/classify-response.js';
import type { McpConnection, RequestOptions } from '../types.js';
import { WireError } from '../wire-error.js';

/** The extension of the stateless era that tasks are. */
export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** What a client of the stateless era declares that takes tasks for answers. */
export const tasksCapability: JsonObject = { extensions: { [tasksExtension]: {} } };

const statuses = ['working', 'input_required', 'completed', 'failed', 'cancelled'] as const;

/** How a task is doing. */
export type TaskStatus = (typeof statuses)[number];

/** How to run a call as a task. */
export interface TaskOptions {
  /** From the call to the result, ms. */
  timeoutMs: number;
  /** Cancels the task. */
  signal?: AbortSignal | undefined;
  /** How long the server is asked to keep the task, ms; 60,000 (session era). */
  ttlMs?: number;
  clock?: Clock;
}

/** A call that was run as a task, to its end. Times in ms. */
export interface TaskRun {
  taskId: string;
  status: 'completed' | 'failed' | 'cancelled';
  /** `tasks/get` requests. */
  polls: number;
  /** Until the task was created. */
  createMs: number;
  /** From then until it was seen to be over. */
  completeMs: number;
  /** What `tasks/result` took; undefined where the era has none. */
  resultMs: number | undefined;
  totalMs: number;
  /** The result of the call; undefined where the task has none. */
  result: JsonObject | undefined;
  /** Why it failed, in the server's words. */
  error: string | undefined;
}

/** Between two polls where the server suggests nothing, as the official SDK does; and the bounds on what it suggests, ms. */
const usualPollMs = 1000;
const shortestPollMs = 5;
const longestPollMs = 60_000;
/** For telling the server that nobody waits any more, ms. */
const cancelMs = 2000;

interface TaskState {
  taskId: string;
  status: TaskStatus;
  pollMs: number;
  raw: JsonObject;
}

/**
 * Calls a tool as a task and polls until it is over (2025-11-25, "Tasks"; the extension `io.modelcontextprotocol/tasks`). In the
 * stateless era the server decides: the connection must have declared {@link tasksCapability}. A task whose end is not waited for
 * is cancelled.
 *
 * @returns undefined where the server answered at once instead of creating a task.
 * @throws WireError for everything that fails but the task itself; the reason of the caller's signal.
 */
export async function callAsTask(
  connection: McpConnection,
  name: string,
  args: JsonObject,
  { timeoutMs, signal, ttlMs = 60_000, clock = systemClock }: TaskOptions,
): Promise<TaskRun | undefined> {
  const began = clock.now();
  const options = (): RequestOptions => ({ timeoutMs: Math.max(1, began + timeoutMs - clock.now()), signal });
  const created = await create(connection, { name, args, ttlMs }, options());
  if (created === undefined) return undefined;
  const createMs = clock.now() - began;
  let state = created;
  let polls = 0;
  try {
    while (state.status === 'working') {
      const left = began + timeoutMs - clock.now();
      if (left <= 0) throw outOfTime(name, timeoutMs);
      await sleep(Math.min(state.pollMs, left), clock, signal);
      if (clock.now() >= began + timeoutMs) throw outOfTime(name, timeoutMs);
      polls++;
      state = stateOf(await connection.request('tasks/get', { taskId: state.taskId }, options()), created);
    }
    if (state.status === 'input_required') {
      throw new WireError(`the task of ${plain(name, 60)} asks for input, and this client gives none`, {
        outcome: 'mismatch',
      });
    }
  } catch (error) {
    await cancelTask(connection, created.taskId).catch(() => undefined);
    throw error;
  }
  const completeMs = clock.now() - began - createMs;
  const asked = clock.now();
  const { result, error } = await resultOf(connection, state, options());
  const resultMs = connection.era === 'session' ? clock.now() - asked : undefined;
  return {
    taskId: state.taskId,
    status: state.status,
    polls,
    createMs,
    completeMs,
    resultMs,
    totalMs: clock.now() - began,
    result,
    error,
  };
}

/** Creates a task and does not wait for it. Undefined where the server answered at once. @throws WireError */
export async function createTask(
  connection: McpConnection,
  name: string,
  args: JsonObject,
  options: RequestOptions,
): Promise<string | undefined> {
  return (await create(connection, { name, args, ttlMs: 60_000 }, options))?.taskId;
}

/** Asks for a task to be cancelled. @throws WireError */
export function cancelTask(connection: McpConnection, taskId: string): Promise<JsonObject> {
  return connection.request('tasks/cancel', { taskId }, { timeoutMs: cancelMs });
}

/** How a task is doing. @throws WireError */
export async function taskStatus(
  connection: McpConnection,
  taskId: string,
  options: RequestOptions,
): Promise<TaskStatus> {
  return stateOf(await connection.request('tasks/get', { taskId }, options), undefined).status;
}

async function create(
  connection: McpConnection,
  { name, args, ttlMs }: { name: string; args: JsonObject; ttlMs: number },
  options: RequestOptions,
): Promise<TaskState | undefined> {
  if (connection.era === 'stateless') {
    const answer = await connection.callTool(name, args, { ...options, resultTypes: ['task'] });
    return answer['resultType'] === 'task' ? stateOf(answer as unknown as JsonObject, undefined) : undefined;
  }
  const params = { name, arguments: args, task: { ttl: ttlMs } };
  const { task } = await connection.request('tools/call', params, options);
  return isJsonObject(task) ? stateOf(task, undefined) : undefined;
}

function stateOf(raw: JsonObject, created: TaskState | undefined): TaskState {
  const { taskId, status } = raw;
  // `tasks/get` repeats the id, but a server that leaves it out means the task that was asked for.
  const id = taskId ?? created?.taskId;
  if (typeof id !== 'string' || id === '') throw misshapen("a task without a 'taskId'");
  if (created !== undefined && id !== created.taskId) throw misshapen('another task than the one asked for');
  if (!statuses.includes(status as TaskStatus)) {
    throw misshapen(`a task of status ${plain(JSON.stringify(status ?? null), 40)}`);
  }
  const suggested = raw['pollInterval'] ?? raw['pollIntervalMs'];
  const pollMs =
    typeof suggested === 'number' && Number.isFinite(suggested)
      ? Math.min(longestPollMs, Math.max(shortestPollMs, suggested))
      : (created?.pollMs ?? usualPollMs);
  return { taskId: id, status: status as TaskStatus, pollMs, raw };
}

async function resultOf(
  connection: McpConnection,
  { taskId, status, raw }: TaskState,
  options: RequestOptions,
): Promise<{ result: JsonObject | undefined; error: string | undefined }> {
  if (connection.era === 'stateless') {
    const { result, error, statusMessage } = raw;
    if (status === 'completed' && !isJsonObject(result))
      throw misshapen("a completed task without a 'result'");
    const words = isJsonObject(error) ? error['message'] : statusMessage;
    return {
      result: isJsonObject(result) ? result : undefined,
      error: status === 'completed' ? undefined : plain(typeof words === 'string' ? words : status),
    };
  }
  const result = await connection.request('tasks/result', { taskId }, options).catch((error: unknown) => {
    // A task that failed by an error has that error for its result.
    if (status !== 'completed' && error instanceof WireError && error.outcome === 'rpc') return error;
    throw error;
  });
  if (result instanceof WireError) return { result: undefined, error: result.message };
  const { statusMessage } = raw;
  return {
    result,
    error:
      status === 'completed' ? undefined : plain(typeof statusMessage === 'string' ? statusMessage : status),
  };
}

function misshapen(what: string): WireError {
  return new WireError(`the server answered with ${what}`, { outcome: 'mismatch' });
}

function outOfTime(name: string, timeoutMs: number): WireError {
  return new WireError(`the task of ${plain(name, 60)} was not over within ${Math.round(timeoutMs)} ms`, {
    outcome: 'timeout',
  });
}
