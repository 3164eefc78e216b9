import { describe, expect, it } from 'vitest';
import type { Metrics } from '../../core/run-result.js';
import { endToEndWorkflow } from './end-to-end-workflow.js';
import { outcomeOf, referenceBench } from './test-context.fixture.js';

const value = (metrics: Metrics | undefined, name: string) => metrics![name]!.value;

describe('end-to-end-workflow', () => {
  it('calls the target, and shows the time of each stage', async () => {
    const bench = await referenceBench();
    const { status, metrics, operations, failures } = await outcomeOf(endToEndWorkflow, bench);
    expect([status, failures]).toEqual([undefined, []]);
    expect(value(metrics, 'calls.ok')).toBe(20);
    expect(value(metrics, 'success_rate')).toBe(1);
    expect(value(metrics, 'workflow.found_rate')).toBe(1);
    const stages = ['search_time', 'binding_time', 'routing_time', 'validation_time', 'latency'];
    const means = stages.map((name) => value(metrics, `${name}.mean`)!);
    const whole = value(metrics, 'workflow_time.mean')!;
    expect(means.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(whole * 1.001);
    expect(Object.keys(operations!)).toEqual([
      'host/search',
      'host/bind',
      'host/route',
      'host/validate',
      'tools/call get_inventory',
    ]);
  });

  it('is skipped where no tool is called', async () => {
    const { server, tools } = await referenceBench();
    expect(await outcomeOf(endToEndWorkflow, { server, tools })).toEqual({
      status: 'skipped',
      reason: 'the target has no tool that is called',
    });
  });

  it('counts what fails by its class, and fails below nine in ten', async () => {
    const bench = await referenceBench({ fail: new Map([['tool', 0.5]]) });
    const { status, reason, metrics, failures, samples } = await outcomeOf(endToEndWorkflow, bench);
    expect([status, reason]).toEqual([
      'fail',
      expect.stringMatching(/^success 5\d\.\d %, more than 90 % expected$|^success 4\d/),
    ]);
    expect(value(metrics, 'failures.tool')).toBe(value(metrics, 'calls.failed'));
    expect(value(metrics, 'calls.failed')).toBeGreaterThan(5);
    expect(failures![0]!.class).toBe('tool');
    expect(samples).toHaveLength(3);
    expect(value(metrics, 'calls.total')).toBeGreaterThanOrEqual(20);
  });

  it('fails an answer that breaks its schema', async () => {
    const bench = await referenceBench({ fail: new Map([['schema', 1]]) });
    const { status, metrics } = await outcomeOf(endToEndWorkflow, bench);
    expect(status).toBe('fail');
    expect(value(metrics, 'failures.schema')).toBe(value(metrics, 'calls.total'));
  });

  it('does not call with arguments that the schema forbids', async () => {
    const bench = await referenceBench();
    const [operation] = bench.operations;
    const wrong = { ...operation!, params: [{ name: 'get_inventory', arguments: { item_id: 5 } }] };
    const { status, metrics, failures } = await outcomeOf(endToEndWorkflow, {
      ...bench,
      operations: [wrong],
    });
    expect(status).toBe('fail');
    expect(value(metrics, 'failures.schema')).toBe(value(metrics, 'calls.total'));
    expect(failures![0]!.message).toMatch(/^the arguments are refused: .*item_id/);
  });

  it('ends as an error, with the last words, when the target goes', async () => {
    const bench = await referenceBench({ serviceTimeMs: 30 });
    const { status, reason, metrics } = await outcomeOf(endToEndWorkflow, {
      ...bench,
      connected: (connection) => setTimeout(() => void connection.close(), 200),
    });
    expect(status).toBe('error');
    expect(reason).toMatch(
      /^the target ended in the middle of the test: .*closed; its last words: out of luck$/,
    );
    expect(value(metrics, 'calls.ok')).toBeLessThan(20);
  });

  it('does not count what was under way when it was stopped', async () => {
    const bench = await referenceBench({ serviceTimeMs: 30 });
    const stop = AbortSignal.timeout(200);
    const { status, metrics, notes } = await outcomeOf(endToEndWorkflow, { ...bench, stop });
    expect([status, value(metrics, 'calls.failed')]).toEqual([undefined, 0]);
    expect(notes!.join(' ')).toMatch(/of 20 workflows were done/);
  });

  it('ends at its time limit with what it has', async () => {
    const bench = await referenceBench({ serviceTimeMs: 60 });
    const { notes, metrics } = await outcomeOf(endToEndWorkflow, {
      ...bench,
      parameters: { maxDuration: 300 },
    });
    expect(notes!.join(' ')).toMatch(/\d+ of 20 workflows were done within the time/);
    expect(value(metrics, 'calls.ok')).toBeLessThan(20);
  });
});
