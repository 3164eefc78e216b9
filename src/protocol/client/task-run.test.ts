import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import type { McpConnection } from '../types.js';
import { WireError } from '../wire-error.js';
import { callAsTask, type TaskRun } from './task-run.js';

interface Asked {
  method: string;
  params: JsonObject;
  /** ms */
  at: number;
}

/** A connection by a function, with a log of what was asked when; every answer takes 10 ms. */
function scripted(era: 'session' | 'stateless', answer: (asked: Asked, nth: number) => JsonObject) {
  const clock = new FakeClock();
  const log: Asked[] = [];
  const request = async (method: string, params: JsonObject = {}): Promise<JsonObject> => {
    const asked = { method, params, at: clock.now() };
    log.push(asked);
    const nth = log.filter((one) => one.method === method).length;
    await new Promise<void>((resolve) => clock.after(10, resolve));
    return answer(asked, nth);
  };
  const connection = {
    era,
    request,
    callTool: (name: string, args: JsonObject) => request('tools/call', { name, arguments: args }),
  } as unknown as McpConnection;
  const run = async (timeoutMs = 10_000, signal?: AbortSignal): Promise<TaskRun | undefined> => {
    let over = false;
    const running = callAsTask(connection, 'work', { a: 1 }, { timeoutMs, signal, clock }).finally(() => {
      over = true;
    });
    running.catch(() => undefined);
    for (let i = 0; i < 5000 && !over; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!over) clock.advance(10);
    }
    return await running;
  };
  return { log, run, clock };
}

const content = { content: [{ type: 'text', text: 'done' }] };

describe('a call that runs as a task', () => {
  it('is created, polled at the suggested interval, and its result fetched (session era)', async () => {
    const { run, log } = scripted('session', ({ method }, nth) => {
      if (method === 'tools/call') return { task: { taskId: 't', status: 'working', pollInterval: 100 } };
      if (method === 'tasks/get')
        return { taskId: 't', status: nth < 3 ? 'working' : 'completed', pollInterval: nth < 2 ? 100 : 300 };
      return content;
    });
    expect(await run()).toEqual({
      taskId: 't',
      status: 'completed',
      polls: 3,
      createMs: 10,
      completeMs: 530,
      resultMs: 10,
      totalMs: 550,
      result: content,
      error: undefined,
    });
    expect(log.map(({ method, at }) => [method, at])).toEqual([
      ['tools/call', 0],
      ['tasks/get', 110],
      ['tasks/get', 220],
      ['tasks/get', 530],
      ['tasks/result', 540],
    ]);
    expect(log[0]!.params).toEqual({ name: 'work', arguments: { a: 1 }, task: { ttl: 60_000 } });
  });

  it('has its result in the answer to the last poll (stateless era)', async () => {
    const { run, log } = scripted('stateless', ({ method }) =>
      method === 'tools/call'
        ? { resultType: 'task', taskId: 't', status: 'working', pollIntervalMs: 50 }
        : { taskId: 't', status: 'completed', result: content },
    );
    expect(await run()).toMatchObject({
      status: 'completed',
      polls: 1,
      resultMs: undefined,
      result: content,
    });
    expect(log.map(({ method }) => method)).toEqual(['tools/call', 'tasks/get']);
  });

  it('is none where the server answers at once', async () => {
    expect(await scripted('session', () => content).run()).toBeUndefined();
    expect(await scripted('stateless', () => ({ ...content, resultType: 'complete' })).run()).toBeUndefined();
  });

  it('is polled every second where nothing is suggested, and never more often than every 5 ms', async () => {
    const polledAfter = async (task: JsonObject) => {
      const { run, log } = scripted('session', ({ method }) =>
        method === 'tools/call'
          ? { task }
          : method === 'tasks/get'
            ? { ...task, status: 'completed' }
            : content,
      );
      await run();
      return log[1]!.at - 10;
    };
    expect(await polledAfter({ taskId: 't', status: 'working' })).toBe(1000);
    expect(await polledAfter({ taskId: 't', status: 'working', pollInterval: 0 })).toBeLessThanOrEqual(10);
    expect(await polledAfter({ taskId: 't', status: 'working', pollInterval: 'often' })).toBe(1000);
  });

  it('ends with the error of a task that failed', async () => {
    const stateless = scripted('stateless', ({ method }) =>
      method === 'tools/call'
        ? { resultType: 'task', taskId: 't', status: 'working', pollIntervalMs: 10 }
        : { taskId: 't', status: 'failed', error: { code: -5, message: 'out of paper' } },
    );
    expect(await stateless.run()).toMatchObject({
      status: 'failed',
      error: 'out of paper',
      result: undefined,
    });
    const session = scripted('session', ({ method }) => {
      if (method === 'tools/call') return { task: { taskId: 't', status: 'working', pollInterval: 10 } };
      if (method === 'tasks/get') return { taskId: 't', status: 'failed' };
      throw new WireError('-5 out of paper', { outcome: 'rpc', rpcCode: -5 });
    });
    expect(await session.run()).toMatchObject({ status: 'failed', error: '-5 out of paper' });
  });

  it.each<[string, JsonObject, RegExp]>([
    ['without an id', { status: 'working' }, /a task without a 'taskId'/],
    ['with an empty id', { taskId: '', status: 'working' }, /a task without a 'taskId'/],
    ['of another status', { taskId: 't', status: 'paused' }, /a task of status "paused"/],
    ['that asks for input', { taskId: 't', status: 'input_required' }, /asks for input/],
  ])('fails where the task is one %s', async (_what, task, message) => {
    const { run } = scripted('session', ({ method }) => (method === 'tools/call' ? { task } : {}));
    await expect(run()).rejects.toThrow(message);
  });

  it('is cancelled where its end is not waited for', async () => {
    const { run, log } = scripted('session', ({ method }) => {
      const task = { taskId: 't', status: 'working', pollInterval: 100 };
      return method === 'tools/call' ? { task } : task;
    });
    await expect(run(250)).rejects.toThrow('the task of work was not over within 250 ms');
    expect(log.at(-1)).toMatchObject({ method: 'tasks/cancel', params: { taskId: 't' } });
  });

  it('fails where a poll brings another task', async () => {
    const { run, log } = scripted('session', ({ method }) =>
      method === 'tools/call'
        ? { task: { taskId: 't', status: 'working', pollInterval: 10 } }
        : { taskId: 'u', status: 'completed' },
    );
    await expect(run()).rejects.toThrow('another task than the one asked for');
    expect(log.at(-1)?.method).toBe('tasks/cancel');
  });
});
