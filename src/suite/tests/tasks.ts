import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../core/errors.js';
import type { FailureClass } from '../../core/outcome.js';
import { printableLine } from '../../core/printable.js';
import type { Failure, Metrics } from '../../core/run-result.js';
import {
  callAsTask,
  cancelTask,
  createTask,
  taskStatus,
  tasksCapability,
  WireError,
  type McpConnection,
  type TaskRun,
} from '../../protocol/index.js';
import { figure } from '../figure.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { taskTool, type TaskTool } from '../tasks/task-tools.js';
import { timesAsMetrics } from '../time-summary.js';

/** After so many failures there is nothing more to be seen. */
const mostFaults = 20;
/** How long a cancelled task may take to say so, ms. */
const cancelledWithinMs = 2000;

/** Calls of tools as tasks: created, polled, and their results fetched. */
export const tasks: SuiteTest = {
  id: 'tasks',
  title: 'Calls of tools that run as tasks',
  tags: ['concurrency'],
  explain:
    'Calls a tool as a task (session era 2025-11-25: tools/call with task; stateless era: the extension ' +
    'io.modelcontextprotocol/tasks, where the server decides), polls it at the interval that the server suggests, and fetches the ' +
    'result, several at once. Gives task.create.* (until the task was there), task.complete.* (from then until it was seen to be ' +
    'over; up to one interval later than it was), task.result.* (tasks/result, session era), task.total.* and task.polls, the ' +
    'polls per task. Then cancels one, and looks what becomes of it. Decides itself that every task completes. Skipped where the ' +
    'server has no tasks, or no tool that may be called runs as one; name one with --tool.',
  parameters: {
    tasks: { what: 'tasks', smoke: 4, quick: 12, full: 200, min: 1, max: 100_000 },
    inFlight: { what: 'tasks at once', smoke: 4, quick: 4, full: 16, min: 1, max: 1000 },
    budget: {
      what: 'no further task is begun after this time, ms',
      smoke: 10_000,
      quick: 20_000,
      full: 120_000,
      min: 1,
      max: 86_400_000,
    },
    timeout: {
      what: 'a task that is not over by then failed, ms',
      smoke: 30_000,
      quick: 60_000,
      full: 120_000,
      min: 1,
      max: 86_400_000,
    },
  },
  onlyNamed: ['smoke', 'quick'],
  limitMs: (parameters) => Number(parameters['budget']) + 2 * Number(parameters['timeout']) + 30_000,
  async run(context) {
    const connection = await context.bench.connect({ capabilities: tasksCapability });
    const tool = await taskTool(context, connection);
    if ('reason' in tool) return { status: 'skipped', reason: tool.reason };
    const { runs, atOnce, faults } = await runTasks(context, connection, tool);
    const cancelled =
      context.stop.aborted || runs.length === 0 ? undefined : await cancelOne(connection, tool, context.stop);
    return outcomeOf(context, tool, { runs, atOnce, faults, cancelled, connection });
  },
};

interface Fault {
  class: FailureClass;
  message: string;
  /** From the start of the test, ms. */
  at: number;
}

async function runTasks(
  context: TestContext,
  connection: McpConnection,
  tool: TaskTool,
): Promise<{ runs: TaskRun[]; atOnce: number; faults: Fault[] }> {
  const { stop } = context;
  const began = performance.now();
  const runs: TaskRun[] = [];
  const faults: Fault[] = [];
  let atOnce = 0;
  let begun = 0;
  const goesOn = () =>
    !stop.aborted &&
    begun < context.number('tasks') &&
    faults.length < mostFaults &&
    performance.now() - began < context.number('budget');
  const one = async () => {
    while (goesOn()) {
      begun++;
      try {
        const options = { timeoutMs: context.number('timeout'), signal: stop };
        const run = await callAsTask(connection, tool.name, tool.args, options);
        if (run === undefined) atOnce++;
        else {
          const bad = badEnd(run);
          if (bad === undefined) runs.push(run);
          else faults.push({ ...bad, at: performance.now() - began });
        }
      } catch (error) {
        if (stop.aborted) return;
        const outcome = error instanceof WireError ? error.outcome : 'transport';
        faults.push({ class: outcome, message: messageOf(error), at: performance.now() - began });
      }
    }
  };
  await Promise.all(Array.from({ length: context.number('inFlight') }, one));
  return { runs, atOnce, faults };
}

/** What was wrong with how a task ended; undefined where nothing was. */
function badEnd({ status, error, result }: TaskRun): Pick<Fault, 'class' | 'message'> | undefined {
  if (status !== 'completed') return { class: 'rpc', message: `the task is ${status}: ${error ?? ''}` };
  if (result?.['isError'] === true)
    return { class: 'tool', message: 'the result of the task is isError: true' };
  if (!Array.isArray(result?.['content']) && result?.['structuredContent'] === undefined)
    return { class: 'mismatch', message: 'the result of the task has no content' };
  return undefined;
}

/** What became of a task that was cancelled, in part of a sentence. */
async function cancelOne(
  connection: McpConnection,
  tool: TaskTool,
  stop: AbortSignal,
): Promise<{ fault: boolean; said: string } | undefined> {
  try {
    const id = await createTask(connection, tool.name, tool.args, { signal: stop });
    if (id === undefined) return undefined;
    const at = performance.now();
    await cancelTask(connection, id);
    for (;;) {
      const status = await taskStatus(connection, id, { signal: stop });
      const ms = performance.now() - at;
      if (status === 'cancelled') return { fault: false, said: `is cancelled after ${figure(ms)} ms` };
      // A server need not stop the work, but 2025-11-25 wants the status to stay what it was set to.
      if (status !== 'working' && status !== 'input_required')
        return { fault: connection.era === 'session', said: `is ${status} all the same` };
      if (ms > cancelledWithinMs) return { fault: false, said: `is still ${status} ${figure(ms)} ms later` };
      await wait(50, undefined, { signal: stop });
    }
  } catch (error) {
    if (stop.aborted) return undefined;
    return { fault: false, said: `cannot be followed: ${printableLine(messageOf(error), 200)}` };
  }
}

function outcomeOf(
  context: TestContext,
  tool: TaskTool,
  {
    runs,
    atOnce,
    faults,
    cancelled,
    connection,
  }: {
    runs: readonly TaskRun[];
    atOnce: number;
    faults: readonly Fault[];
    cancelled: { fault: boolean; said: string } | undefined;
    connection: McpConnection;
  },
): TestOutcome {
  const total = runs.length + atOnce + faults.length;
  const count = (value: number) => ({ value, unit: 'count' });
  const times = (of: (run: TaskRun) => number | undefined) => runs.flatMap((run) => of(run) ?? []);
  const polls = runs.reduce((sum, run) => sum + run.polls, 0);
  const metrics: Metrics = {
    'calls.total': count(total),
    'calls.ok': count(runs.length + atOnce),
    'calls.failed': count(faults.length),
    ...timesAsMetrics(
      'task.create',
      times((run) => run.createMs),
    ),
    ...timesAsMetrics(
      'task.complete',
      times((run) => run.completeMs),
    ),
    ...(connection.era === 'session'
      ? timesAsMetrics(
          'task.result',
          times((run) => run.resultMs),
        )
      : {}),
    ...timesAsMetrics(
      'task.total',
      times((run) => run.totalMs),
    ),
    'task.polls': { value: runs.length === 0 ? null : polls / runs.length, unit: 'count' },
  };
  const operation = `tasks ${tool.name}`;
  const counts = {
    'calls.total': count(total),
    'calls.ok': count(runs.length + atOnce),
    'calls.failed': count(faults.length),
  };
  const [first] = faults;
  const reasons = [
    ...(first === undefined
      ? []
      : [`${faults.length} of ${total} tasks failed: ${printableLine(first.message, 200)}`]),
    ...(cancelled?.fault === true ? [`a task that was cancelled ${cancelled.said}`] : []),
  ];
  const p50 = metrics['task.total.p50']?.value ?? metrics['task.total.mean']?.value;
  return {
    metrics,
    operations: {
      [operation]: {
        metrics: {
          ...counts,
          ...timesAsMetrics(
            'latency',
            times((run) => run.totalMs),
          ),
        },
      },
    },
    failures: failuresOf(faults),
    ...(reasons.length > 0
      ? { status: 'fail', reason: reasons.join('; ') }
      : noneRan(runs.length, total, atOnce)),
    finding:
      `${runs.length} tasks of ${tool.name}, ${figure(p50 ?? 0)} ms each with ` +
      `${figure(runs.length === 0 ? 0 : polls / runs.length)} polls, ${context.number('inFlight')} at once`,
    notes: [
      ...(cancelled === undefined || cancelled.fault ? [] : [`A task that was cancelled ${cancelled.said}.`]),
      ...(atOnce > 0 ? [`${atOnce} calls were answered at once, not as tasks.`] : []),
    ],
    notJudged:
      total < context.number('tasks') && faults.length === 0
        ? [
            `${context.number('tasks') - total} of ${context.number('tasks')} tasks: ${context.stop.aborted ? 'the run was stopped' : 'time was up'}`,
          ]
        : [],
  };
}

function noneRan(runs: number, total: number, atOnce: number): Pick<TestOutcome, 'status' | 'reason'> {
  if (runs > 0 || total === 0) return {};
  return {
    status: 'inconclusive',
    reason: `all ${atOnce} calls were answered at once, and none became a task`,
  };
}

function failuresOf(faults: readonly Fault[]): Failure[] {
  const byKind = new Map<string, Failure>();
  for (const { class: kind, message, at } of faults) {
    const text = printableLine(message, 200);
    const known = byKind.get(`${kind} ${text}`);
    if (known === undefined)
      byKind.set(`${kind} ${text}`, { class: kind, message: text, count: 1, firstAt: at, lastAt: at });
    else {
      known.count++;
      known.lastAt = at;
    }
  }
  return [...byKind.values()];
}
