import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import { callTemplates, furtherTemplate } from '../lanes/call-template.js';
import { Lane, type OutcomeIndex } from '../lanes/lane.js';
import { ProgressTotals } from './progress-totals.js';
import { ProgressWatch, withTokenPlace } from './progress-watch.js';

class IdleLane extends Lane {
  override send(): void {
    // Nothing is sent here.
  }
  override expire(): void {
    // Nor given up.
  }
  override destroy(): void {
    // Nor open.
  }
}

const dialect = { era: 'session', protocolVersion: '2025-11-25' } as const;

function stage(params: JsonObject = { name: 'x', arguments: { text: '"progressToken":100000000' } }) {
  let now = 0;
  const watch = new ProgressWatch(() => now);
  const operation = { name: 'tools/call x', method: 'tools/call', weight: 1, params: [params] };
  const [template] = callTemplates(0, operation, dialect, withTokenPlace);
  const owner = watch.owner({ settled: (lane) => (lane.busy = false) });
  const begin = () => {
    const lane = new IdleLane(0);
    lane.template = watch.template(template!);
    lane.sentMs = now;
    lane.busy = true;
    const request = JSON.parse(`${lane.template.prefix}1${lane.template.suffix}`) as {
      params: { arguments: JsonObject; _meta: { progressToken: number } };
    };
    return { lane, request, token: request.params._meta.progressToken };
  };
  const settle = (lane: Lane, outcome: OutcomeIndex = outcomeIndex.ok) => {
    lane.endMs = now;
    owner.settled(lane, outcome);
  };
  const totals = () => {
    const all = new ProgressTotals();
    const report = watch.drain();
    if (report !== undefined) all.add(report);
    return all;
  };
  return { watch, template: template!, begin, settle, totals, at: (ms: number) => (now = ms) };
}

describe('progress', () => {
  it('gives every call a token of its own, and leaves all else of the request as long as it was', () => {
    const { begin, template } = stage();
    const calls = Array.from({ length: 5 }, begin);
    expect(new Set(calls.map(({ token }) => token)).size).toBe(5);
    for (const { lane, request } of calls) {
      expect(lane.template.suffix).toHaveLength(template.suffix.length);
      expect(request.params.arguments).toEqual({ text: '"progressToken":100000000' });
    }
  });

  it('keeps the token in further rounds of the call, and leaves one that the params bring alone', () => {
    const { begin } = stage();
    const { lane, token } = begin();
    const further = furtherTemplate(lane.template, { requestState: 's' });
    expect(further.suffix).toContain(`"progressToken":${token}`);
    const own = stage({ name: 'x', _meta: { progressToken: 'mine' } }).begin();
    expect(own.token).toBe('mine');
  });

  it('counts notifications, their rate, and the time to the first', () => {
    const { watch, begin, settle, totals, at } = stage();
    const { lane, token } = begin();
    for (const [ms, progress] of [
      [10, 1],
      [20, 2],
      [30, 3],
    ] as const) {
      at(ms);
      watch.notified({ progressToken: token, progress }, lane);
    }
    at(40);
    settle(lane);
    settle(begin().lane);
    const { first, ...counts } = totals().all;
    expect(counts).toMatchObject({ calls: 2, reporting: 1, notifications: 3, most: 3, gaps: 2, gapsMs: 20 });
    expect([first.count, first.minMs]).toEqual([1, 10]);
  });

  it('tells progress that does not go up, comes late, or is for nobody', () => {
    const { watch, begin, settle, totals, at } = stage();
    const { lane, token } = begin();
    for (const progress of [5, 4, 4, 9]) watch.notified({ progressToken: token, progress }, undefined);
    at(5);
    settle(lane);
    watch.notified({ progressToken: token, progress: 10 }, undefined);
    watch.notified({ progressToken: 7, progress: 1 }, undefined);
    watch.notified({ progressToken: token, progress: 'much' }, undefined);
    const all = totals();
    expect(all.all).toMatchObject({ notifications: 4, outOfOrder: 2, late: 1 });
    expect(all.unknown).toBe(2);
  });

  it('knows that the answer has come while the stream of the call is still open', () => {
    const { watch, begin, settle, totals, at } = stage();
    at(10);
    const { lane, token } = begin();
    at(20);
    lane.endMs = 20;
    watch.notified({ progressToken: token, progress: 1 }, lane);
    settle(lane);
    expect(totals().all).toMatchObject({ notifications: 0, late: 1 });
  });

  it('does not call it late after a call that was given up', () => {
    const { watch, begin, settle, totals } = stage();
    const { lane, token } = begin();
    settle(lane, outcomeIndex.timeout);
    watch.notified({ progressToken: token, progress: 1 }, undefined);
    expect(totals().all).toMatchObject({ calls: 1, late: 0, notifications: 0 });
  });
});
