import { describe, expect, it } from 'vitest';
import { outcomes } from '../../core/outcome.js';
import type { JsonObject } from '../../core/json.js';
import { TaskChecker, taskSteps } from './task-checker.js';

const operations = ['tools/call', 'tasks/get', 'tasks/result'].map((method) => ({
  name: method,
  method,
  weight: 1,
  params: [],
}));

/** What an answer came to: its outcome, why, and what was seen of the task. */
function judged(step: keyof typeof taskSteps, result: JsonObject, era: 'session' | 'stateless' = 'session') {
  const checker = new TaskChecker(operations, [], era);
  const outcome = checker.check(JSON.stringify({ jsonrpc: '2.0', id: 7, result }), 7, taskSteps[step]);
  const name = outcome === undefined ? undefined : outcomes[outcome];
  return { outcome: name, message: checker.message, seen: checker.take(7), again: checker.take(7) };
}

describe('the answers that tasks are made of', () => {
  const content = { content: [{ type: 'text', text: 'done' }] };
  const working = { taskId: 't', status: 'working' };

  it('tell of a task in either era', () => {
    expect(judged('create', { task: { ...working, pollInterval: 250 } })).toMatchObject({
      outcome: 'ok',
      seen: { taskId: 't', over: false, pollMs: 250 },
      again: undefined,
    });
    const stateless = { resultType: 'task', ...working, pollIntervalMs: 70 };
    expect(judged('create', stateless, 'stateless')).toMatchObject({
      outcome: 'ok',
      seen: { taskId: 't', over: false, pollMs: 70 },
    });
    expect(judged('poll', { ...working, status: 'completed' }).seen).toMatchObject({ over: true });
    expect(judged('poll', { ...working, status: 'completed', result: content }, 'stateless')).toMatchObject({
      outcome: 'ok',
      seen: { over: true },
    });
  });

  it('say nothing of a task where the server answered at once', () => {
    expect(judged('create', content)).toMatchObject({ outcome: 'ok', seen: undefined });
    expect(judged('create', { isError: true, content: [] })).toMatchObject({ outcome: 'tool' });
    expect(judged('fetch', content)).toMatchObject({ outcome: 'ok', seen: undefined });
  });

  it.each([
    [undefined, 1000],
    ['soon', 1000],
    [0, 1],
    [-5, 1],
    [1e9, 60_000],
  ])('suggest to poll again after %j: %i ms', (pollInterval, pollMs) => {
    const task: JsonObject = pollInterval === undefined ? working : { ...working, pollInterval };
    expect(judged('create', { task }).seen?.pollMs).toBe(pollMs);
  });

  it.each<[keyof typeof taskSteps, JsonObject, string, string]>([
    ['create', { task: { status: 'working' } }, 'mismatch', "the task has no 'taskId'"],
    ['create', { task: { taskId: 't', status: 'paused' } }, 'mismatch', 'the task is "paused"'],
    ['poll', {}, 'mismatch', "the task has no 'taskId'"],
    ['poll', { taskId: 't', status: 'input_required' }, 'mismatch', 'the task asks for input'],
    [
      'poll',
      { taskId: 't', status: 'failed', statusMessage: 'no\npaper' },
      'rpc',
      'the task is failed: no paper',
    ],
    ['poll', { taskId: 't', status: 'failed', error: { message: 'ink' } }, 'rpc', 'the task is failed: ink'],
    ['poll', { taskId: 't', status: 'cancelled' }, 'rpc', 'the task is cancelled'],
    [
      'poll',
      { taskId: 't', status: 'completed', result: { isError: true, content: [] } },
      'tool',
      'the result of the task is isError: true',
    ],
    [
      'poll',
      { taskId: 't', status: 'completed', result: {} },
      'mismatch',
      'the result of the task has no content',
    ],
    ['fetch', {}, 'mismatch', 'the result of the task has no content'],
  ])('may be wrong: %s %j is %s', (step, result, outcome, message) => {
    expect(judged(step, result)).toMatchObject({ outcome, message });
  });
});
