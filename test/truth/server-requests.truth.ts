import { expect, it } from 'vitest';
import { loadMetrics, localRunner, type LoadTarget } from '../../src/load/index.js';
import type { OperationPlan } from '../../src/plan/load-plan.js';
import { startTruthServer } from '../fixtures/truth-servers.js';
import { httpTarget, planned, record } from './truth-run.js';

const askModel: OperationPlan = {
  name: 'tools/call ask_model',
  method: 'tools/call',
  tool: 'ask_model',
  weight: 1,
  params: [{ name: 'ask_model', arguments: { question: 'why?', times: 3 } }],
};
const delayMs = 40;
const content = { type: 'text', text: 'because' };
const answers: NonNullable<LoadTarget['answers']> = {
  'sampling/createMessage': [{ delayMs, result: { role: 'assistant', model: 'none', content } }],
};

it.each([
  ['along the call', [], { era: 'session', protocolVersion: '2025-11-25' }],
  ['on the session stream', ['--ask-on', 'session'], { era: 'session', protocolVersion: '2025-11-25' }],
  ['in rounds', [], { era: 'stateless', protocolVersion: '2026-07-28' }],
] as const)('requests of the server, asked %s', { retry: 2 }, async (way, flags, dialect) => {
  const server = await startTruthServer('reference', ['--interactive', ...flags]);
  try {
    const executor = { kind: 'shared-iterations', vus: 16, iterations: 400, maxDurationMs: 120_000 } as const;
    const report = await localRunner.run(planned({ operations: [askModel], executor }), {
      ...httpTarget(server.url),
      ...dialect,
      answers,
    });
    const metrics = loadMetrics(report);
    const value = (name: string) => metrics[name]?.value ?? NaN;
    const { asks } = (await server.stats()) as unknown as {
      asks: Record<string, { sent: number; answered: number }>;
    };
    const own = asks['sampling/createMessage']!;
    record({
      claim: `requests of the server ${way}: asked and answered, 16 calls in flight`,
      server: 'reference',
      truth: `${own.sent}, ${own.answered}`,
      measured: `${value('server_requests.received')}, ${value('server_requests.answered')}`,
      tolerance: 'none',
    });
    expect(report.failures).toEqual([]);
    expect([value('server_requests.received'), value('server_requests.answered')]).toEqual([
      own.sent,
      own.answered,
    ]);
    expect(own).toMatchObject({ sent: 1200, answered: 1200 });
    if (way === 'on the session stream') return;
    const wait = value('client_wait.mean');
    record({
      claim: `the same: of a call, the time it waited for our answers (3 of ${delayMs} ms)`,
      server: 'reference',
      truth: `${3 * delayMs} ms`,
      measured: `${wait.toFixed(2)} ms; the rest ${value('server_time.mean').toFixed(2)} ms`,
      tolerance: '6 ms: timers of 1 ms and the load of the machine, never less',
    });
    expect(wait).toBeGreaterThanOrEqual(3 * delayMs);
    expect(wait).toBeLessThanOrEqual(3 * delayMs + 6);
  } finally {
    await server.stop();
  }
});
