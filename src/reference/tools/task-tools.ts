import { randomUUID } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../core/index.js';
import {
  RpcError,
  rpcCodes,
  type CallContext,
  type CallToolResult,
  type Era,
  type McpServer,
} from '../../protocol/index.js';
import type { Truth } from '../counting/truth.js';
import type { DeadlineQueue } from '../timing/deadline-queue.js';

const extension = 'io.modelcontextprotocol/tasks';
const toolName = 'long_report';
/** How long a task is kept, ms, and how many at once. */
const ttlMs = 60_000;
const mostTasks = 10_000;

/** What a server with tasks declares: in the session era a capability, in the stateless one an extension. */
export const taskCapabilities: JsonObject = {
  tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
  extensions: { [extension]: {} },
};

interface Task {
  id: string;
  status: 'working' | 'completed' | 'cancelled';
  createdAt: string;
  updatedAt: string;
  over: Promise<void>;
  end(): void;
}

/** What the tasks are made with. */
export interface TaskSetting {
  queue: DeadlineQueue;
  truth: Truth;
  /** How long each takes, ms. */
  timeMs: number;
  /** The poll interval that is suggested, ms. */
  pollMs: number;
}

/**
 * Adds the tool `long_report`, which runs as a task where the client asks for one (session era, `task` in the params) or takes
 * one (stateless era, by its capabilities), and the methods `tasks/…` of both eras.
 */
export function addTaskTools(server: McpServer, setting: TaskSetting): void {
  const { queue, truth, timeMs } = setting;
  const tasks = new Map<string, Task>();
  const result = (): CallToolResult => ({ content: [{ type: 'text', text: `It took ${timeMs} ms.` }] });
  server.tool(
    {
      name: toolName,
      title: 'Write a long report',
      description: 'Takes its time; may run as a task.',
      inputSchema: { type: 'object', properties: {} },
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
      execution: { taskSupport: 'optional' },
    },
    async (_args, call) => {
      const began = queue.now();
      truth.arrived(toolName, 'ok', false);
      const answered = () => {
        truth.answered(queue.now() - began, queue.now() - began);
      };
      if (!wantsTask(call)) {
        await new Promise<void>((resolve) => {
          queue.add(began + timeMs, resolve);
        });
        answered();
        return result();
      }
      const task = createTask(tasks, answered);
      queue.add(began + timeMs, () => {
        if (task.status === 'working') finish(task, 'completed');
      });
      const created = shown(task, call.era, setting);
      const answer = call.era === 'session' ? { task: created } : { resultType: 'task', ...created };
      return answer as unknown as CallToolResult;
    },
  );
  addTaskMethods(server, tasks, { setting, result: () => result() as unknown as JsonObject });
}

function addTaskMethods(
  server: McpServer,
  tasks: ReadonlyMap<string, Task>,
  { setting, result }: { setting: TaskSetting; result: () => JsonObject },
): void {
  const find = (params: JsonObject): Task => {
    const { taskId } = params;
    const task = typeof taskId === 'string' ? tasks.get(taskId) : undefined;
    if (task === undefined) throw new RpcError(rpcCodes.invalidParams, 'Task not found');
    return task;
  };
  server.onRequest('tasks/get', (params, { era }) => {
    const task = find(params);
    const inline = era === 'stateless' && task.status === 'completed' ? { result: result() } : {};
    return { ...shown(task, era, setting), ...inline };
  });
  server.onRequest('tasks/cancel', (params, { era }) => {
    const task = find(params);
    if (task.status !== 'working' && era === 'session') {
      throw new RpcError(rpcCodes.invalidParams, `The task is ${task.status} already`);
    }
    if (task.status === 'working') finish(task, 'cancelled');
    return era === 'session' ? shown(task, era, setting) : {};
  });
  server.onRequest('tasks/result', async (params, { era, method }) => {
    onlyIn('session', era, method);
    const task = find(params);
    await task.over;
    if (task.status === 'cancelled') throw new RpcError(rpcCodes.invalidParams, 'The task was cancelled');
    const _meta = { 'io.modelcontextprotocol/related-task': { taskId: task.id } };
    return { ...result(), _meta };
  });
  server.onRequest('tasks/list', (_params, { era, method }) => {
    onlyIn('session', era, method);
    return { tasks: [...tasks.values()].slice(0, 1000).map((task) => shown(task, era, setting)) };
  });
}

function onlyIn(era: Era, actual: Era, method: string): void {
  if (era !== actual)
    throw new RpcError(rpcCodes.methodNotFound, `Method not found: ${method}`, undefined, 404);
}

function wantsTask({ era, params, clientCapabilities }: CallContext): boolean {
  if (era === 'session') return isJsonObject(params['task']);
  const { extensions } = clientCapabilities;
  return isJsonObject(extensions) && extensions[extension] !== undefined;
}

function createTask(tasks: Map<string, Task>, onOver: () => void): Task {
  if (tasks.size >= mostTasks) throw new RpcError(rpcCodes.internal, 'Too many tasks');
  let end!: () => void;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const now = new Date().toISOString();
  const task: Task = { id: randomUUID(), status: 'working', createdAt: now, updatedAt: now, over, end };
  tasks.set(task.id, task);
  void over.then(onOver);
  setTimeout(() => tasks.delete(task.id), ttlMs).unref();
  return task;
}

function finish(task: Task, status: 'completed' | 'cancelled'): void {
  task.status = status;
  task.updatedAt = new Date().toISOString();
  task.end();
}

function shown({ id, status, createdAt, updatedAt }: Task, era: Era, { pollMs }: TaskSetting): JsonObject {
  const common = { taskId: id, status, createdAt, lastUpdatedAt: updatedAt };
  return era === 'session'
    ? { ...common, ttl: ttlMs, pollInterval: pollMs }
    : { ...common, ttlMs, pollIntervalMs: pollMs };
}
