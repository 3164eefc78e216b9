import { messageOf } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import { figure } from '../figure.js';
import type { TestContext, TestOutcome } from '../suite-test.js';
import { timesAsMetrics } from '../time-summary.js';

/** Over stdio a session is a process: starts one, calls it, stops it, again and again. */
export async function churnProcesses(
  context: TestContext,
  times: number,
  budgetMs: number,
): Promise<TestOutcome> {
  const tool = context.operations.find((operation) => operation.tool !== undefined);
  const began = performance.now();
  const cycles: number[] = [];
  const calls: number[] = [];
  const faults: string[] = [];
  const count = (value: number) => ({ value, unit: 'count' });
  for (let i = 0; i < times && !context.stop.aborted; i++) {
    if (performance.now() - began > budgetMs) break;
    const at = performance.now();
    try {
      const connection = await context.bench.connect({ signal: context.stop });
      const called = performance.now();
      const { arguments: args } = tool?.params[i % tool.params.length] ?? {};
      const options = { signal: context.stop };
      if (tool?.tool === undefined) await connection.ping(options);
      else await connection.callTool(tool.tool, (args ?? {}) as JsonObject, options);
      calls.push(performance.now() - called);
      await connection.close();
      cycles.push(performance.now() - at);
    } catch (error) {
      const { aborted } = context.stop;
      if (!aborted) faults.push(printableLine(messageOf(error), 300));
    }
  }
  const done = cycles.length + faults.length;
  const seconds = (performance.now() - began) / 1000;
  const metrics = {
    'sessions.rate': { value: cycles.length / seconds, unit: 'ops/s' },
    'calls.total': count(done),
    'calls.ok': count(cycles.length),
    'calls.failed': count(faults.length),
    ...timesAsMetrics('first_call', calls),
  };
  return {
    metrics,
    operations: {
      [tool?.name ?? 'ping']: {
        metrics: { 'calls.total': count(done), ...timesAsMetrics('latency', calls) },
      },
    },
    finding: `${cycles.length} processes were started, called and stopped, ${figure(metrics['sessions.rate'].value)} a second`,
    notes: [
      'Over stdio a session is a process, which takes its memory with it: KB per session are not asked.',
    ],
    notJudged:
      done < times ? [`${times - done} of ${times} processes: time was up, or the run was stopped`] : [],
    details: { cycles_ms: cycles },
    ...(faults.length === 0
      ? {}
      : { status: 'fail', reason: `${faults.length} of ${done} processes failed: ${faults[0]}` }),
  };
}
