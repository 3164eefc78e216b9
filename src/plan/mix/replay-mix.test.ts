import { describe, expect, it } from 'vitest';
import { planReplay, type ReplayRequest } from './replay-mix.js';

const readOnly = { annotations: { readOnlyHint: true }, inputSchema: { type: 'object' } };
const tools = [
  { name: 'look', ...readOnly },
  { name: 'erase', inputSchema: { type: 'object' } },
];
const policy = {
  named: new Set<string>(),
  all: false,
  allow: new Set<string>(),
  allowWrites: false,
  deny: new Set<string>(),
};
const call = (t: number, name: string, x: number) => ({
  t,
  method: 'tools/call',
  params: { name, arguments: { x } },
});
const request = (part: Partial<ReplayRequest>): ReplayRequest => ({
  calls: [],
  speed: 1,
  tools,
  era: 'session',
  policy,
  ...part,
});

describe('a replay', () => {
  it('makes the recorded calls at their times, each set of arguments once', () => {
    const { mix, calls, durationMs } = planReplay(
      request({ calls: [call(7000, 'look', 1), call(7100, 'look', 2), call(7300, 'look', 1)] }),
    );
    expect(calls).toEqual([
      { atMs: 0, operation: 0, variant: 0 },
      { atMs: 100, operation: 0, variant: 1 },
      { atMs: 300, operation: 0, variant: 0 },
    ]);
    expect(mix.operations).toMatchObject([
      { name: 'tools/call look', weight: 3, params: [{ arguments: { x: 1 } }, { arguments: { x: 2 } }] },
    ]);
    // As long as from the first call to the last, and a mean gap.
    expect(durationMs).toBe(450);
  });

  it('goes faster when asked to', () => {
    const { calls, durationMs } = planReplay(
      request({ calls: [call(0, 'look', 1), call(500, 'look', 1)], speed: 2 }),
    );
    expect(calls[1]!.atMs).toBe(250);
    expect(durationMs).toBe(500);
  });

  it('leaves out tools that may change something, unless they are allowed, and names them', () => {
    const recorded = [call(0, 'erase', 1), call(1, 'look', 1), call(2, 'erase', 1)];
    const safe = planReplay(request({ calls: recorded }));
    expect(safe.calls).toHaveLength(1);
    expect(safe.mix.leftOut).toMatchObject([{ name: 'erase' }]);
    const allowed = planReplay(
      request({ calls: recorded, policy: { ...policy, allow: new Set(['erase']) } }),
    );
    expect(allowed.calls.map(({ operation }) => operation)).toEqual([0, 1, 0]);
  });

  it('names tools that the server does not have, and requests that are not replayed', () => {
    const { mix, calls } = planReplay(
      request({
        calls: [
          { t: 0, method: 'initialize' },
          call(1, 'gone', 1),
          { t: 2, method: 'logging/setLevel', params: { level: 'debug' } },
          { t: 3, method: 'resources/read', params: { uri: 'a://b' } },
        ],
      }),
    );
    expect(mix.leftOut).toMatchObject([{ name: 'gone', why: 'the server has no such tool' }]);
    expect(mix.warnings).toEqual(['not replayed: logging/setLevel (1)']);
    expect(mix.operations).toMatchObject([{ name: 'resources/read', params: [{ uri: 'a://b' }] }]);
    expect(calls).toHaveLength(1);
  });
});
