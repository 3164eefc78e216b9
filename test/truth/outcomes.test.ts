import { afterEach, describe, expect, it } from 'vitest';
import { failureClasses } from '../../src/core/index.js';
import { totalOf } from '../../src/load/index.js';
import {
  availableTruthServers,
  startTruthServer,
  truthServerCommand,
  type TruthServer,
  type TruthServerKind,
} from '../fixtures/truth-servers.js';
import { getInventory, httpTarget, record, runLoad } from './truth-run.js';

const { kinds, missing } = availableTruthServers();
for (const what of missing) console.warn(`outcomes skips ${what}`);

let server: TruthServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const start = async (kind: TruthServerKind, args: string[]) => (server = await startTruthServer(kind, args));

describe.each(kinds)('against the server that counts itself (%s)', (kind) => {
  it('counts every outcome as the server does, to the call', { timeout: 60_000 }, async () => {
    const fail = 'http=3%,throttle=2%,garbage=2%,rpc=4%,tool=5%,schema=3%,wrong-id=2%,close=2%,hang=1%';
    const truth = await start(kind, ['--fail', fail, ...(kind === 'near-free' ? ['--structured'] : [])]);
    const outputSchema = {
      type: 'object',
      properties: { item_id: { type: 'string' }, quantity: { type: 'integer' } },
      required: ['item_id', 'quantity'],
    };
    const report = await runLoad(httpTarget(truth.url), {
      operations: [{ ...getInventory, outputSchema }],
      executor: { kind: 'shared-iterations', vus: 20, iterations: 2000, maxDurationMs: 50_000 },
      timeoutMs: 1000,
    });
    const counted = (await truth.stats()).outcomes;
    const ours = Object.fromEntries(
      failureClasses.map((name, index) => [name, totalOf(report).failed[index]!]),
    );
    const measured = {
      ok: totalOf(report).ok,
      http: ours['http'],
      throttle: ours['throttled'],
      garbage: ours['parse'],
      rpc: ours['rpc'],
      tool: ours['tool'],
      schema: ours['schema'],
      'wrong-id': ours['mismatch'],
      close: ours['transport'],
      hang: ours['timeout'],
    };
    record({
      claim: 'shares of every outcome over HTTP, 2,000 calls',
      server: kind,
      truth: JSON.stringify(counted),
      measured: JSON.stringify(measured),
      tolerance: 'none: to the call',
    });
    expect(measured).toEqual({
      ok: 0,
      http: 0,
      throttle: 0,
      garbage: 0,
      rpc: 0,
      tool: 0,
      schema: 0,
      'wrong-id': 0,
      close: 0,
      hang: 0,
      ...counted,
    });
    expect(ours['connect']).toBe(0);
  });

  it('counts outcomes over stdio as the server does, to the call', { timeout: 60_000 }, async () => {
    const { command, args } = truthServerCommand(kind, [
      '--stdio',
      '--fail',
      'rpc=4%,tool=5%,wrong-id=2%,hang=1%',
    ]);
    const report = await runLoad(
      { kind: 'stdio', command, args, env: {}, era: 'session', protocolVersion: '2025-11-25' },
      {
        executor: { kind: 'shared-iterations', vus: 10, iterations: 500, maxDurationMs: 50_000 },
        timeoutMs: 500,
      },
    );
    const { ok, failed } = totalOf(report);
    const count = (name: (typeof failureClasses)[number]) => failed[failureClasses.indexOf(name)]!;
    // The rotation of the server is fixed: of 500 calls these, exactly.
    expect({
      ok,
      rpc: count('rpc'),
      tool: count('tool'),
      mismatch: count('mismatch'),
      timeout: count('timeout'),
    }).toEqual({
      ok: 440,
      rpc: 20,
      tool: 25,
      mismatch: 10,
      timeout: 5,
    });
  });
});
