import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/index.js';
import { loadMetrics, localRunner, type LoadReport, type LoadTarget } from '../../src/load/index.js';
import type { LoadPlan, OperationPlan } from '../../src/plan/load-plan.js';
import { startFixture } from '../fixtures/real-servers.js';
import { startProgram } from '../fixtures/start-program.js';
import { startTruthServer } from '../fixtures/truth-servers.js';
import { planned } from '../truth/truth-run.js';

const hasPython = spawnSync('python3', ['--version'], { stdio: 'ignore' }).status === 0;
const path = (file: string) => fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url));
const session = { era: 'session', protocolVersion: '2025-11-25' } as const;
const stateless = { era: 'stateless', protocolVersion: '2026-07-28' } as const;
const text = { type: 'text', text: 'because' };
const sampled = { role: 'assistant', model: 'none', stopReason: 'endTurn', content: text };
const answers: NonNullable<LoadTarget['answers']> = {
  'sampling/createMessage': [{ delayMs: 3, result: sampled }],
  'elicitation/create': [{ delayMs: 0, result: { action: 'accept', content: { confirm: true } } }],
  'roots/list': [{ delayMs: 0, result: { roots: [{ uri: 'file:///a' }] } }],
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function calling(tool: string, args: JsonObject): OperationPlan {
  const params = [{ name: tool, arguments: args }];
  return { name: `tools/call ${tool}`, method: 'tools/call', tool, weight: 1, params };
}

/** A load of 60 calls, 6 in flight, and a way to read its metrics. */
async function load(target: LoadTarget, operations: OperationPlan[], part: Partial<LoadPlan> = {}) {
  const report: LoadReport = await localRunner.run(
    planned({
      operations,
      executor: { kind: 'shared-iterations', vus: 6, iterations: 60, maxDurationMs: 30_000 },
      ...part,
    }),
    target,
  );
  const metrics = loadMetrics(report);
  return { report, value: (name: string) => metrics[name]?.value };
}

async function started(command: string, args: readonly string[]): Promise<string> {
  const program = await startProgram(command, args);
  cleanups.push(() => program.stop());
  return program.url;
}

const http = (url: string): Extract<LoadTarget, { kind: 'http' }> => ({
  kind: 'http',
  url,
  headers: {},
  ...session,
  answers,
});
const stdio = (command: string, args: string[]): LoadTarget => ({
  kind: 'stdio',
  command,
  args,
  env: {},
  ...session,
  answers,
});

describe.skipIf(!hasPython)('a server of its own kind that counts (skipped without python3)', () => {
  const stats = async (url: string) =>
    (await (await fetch(new URL('/dyno/stats', url))).json()) as Record<string, number>;

  it.each([
    ['along the call', { times: 2, where: 'call' }, session],
    ['on the session stream', { times: 2, where: 'session' }, session],
    ['in rounds', { times: 2 }, stateless],
  ] as const)('is answered over HTTP as often as it asks %s', async (_, args, dialect) => {
    const url = await started('python3', [path('asking-server.py')]);
    const { report, value } = await load({ ...http(url), ...dialect }, [
      calling('ask', { question: 'why?', ...args }),
    ]);
    expect(report.failures).toEqual([]);
    const own = await stats(url);
    expect(own).toMatchObject({
      calls: 60,
      sent: 120,
      answered: 120,
      refused: 0,
      unknown: 0,
      states_broken: 0,
    });
    expect([value('server_requests.sampling.received'), value('server_requests.answered')]).toEqual([
      120, 120,
    ]);
    expect(value('answer_time.min')).toBeGreaterThanOrEqual(2.9);
    if (dialect === stateless) expect([value('rounds.mean'), value('rounds.max')]).toEqual([3, 3]);
  });

  it('is answered over stdio in both eras', async () => {
    for (const dialect of [session, stateless]) {
      const target = { ...stdio('python3', [path('asking-server.py'), '--stdio']), ...dialect };
      const { report, value } = await load(target, [calling('ask', { question: 'why?', times: 3 })]);
      expect(report.failures).toEqual([]);
      expect([value('server_requests.received'), value('server_requests.answered')]).toEqual([180, 180]);
    }
  });

  it('is refused without a script, and no call hangs', async () => {
    const url = await started('python3', [path('asking-server.py')]);
    const mute = http(url);
    delete mute.answers;
    const { report, value } = await load(mute, [calling('ask', { question: 'why?' })]);
    expect(report.failures).toMatchObject([{ class: 'tool', count: 60, message: /mcp-dyno has no answer/ }]);
    expect(await stats(url)).toMatchObject({ sent: 60, answered: 0, refused: 60 });
    expect([value('server_requests.received'), value('server_requests.refused')]).toEqual([60, 60]);
  });

  it('that never stops asking is left after 16 rounds', async () => {
    const url = await started('python3', [path('asking-server.py')]);
    const endless = calling('ask', { question: 'why?', endless: true });
    const executor = { kind: 'shared-iterations', vus: 2, iterations: 4, maxDurationMs: 30_000 } as const;
    const { report, value } = await load({ ...http(url), ...stateless }, [endless], { executor });
    expect(report.failures).toMatchObject([{ class: 'mismatch', count: 4, message: /16 rounds/ }]);
    expect(await stats(url)).toMatchObject({ rounds: 68, answered: 64 });
    expect(value('server_requests.answered')).toBe(64);
  });

  it.each([
    ['right', 'none', { 'progress.out_of_order': 0, 'progress.late': 0 }],
    ['backwards', 'backwards', { 'progress.out_of_order': 240, 'progress.late': 0 }],
    ['after the answer', 'late', { 'progress.out_of_order': 0, 'progress.late': 60 }],
  ])('tells of its progress, %s', async (_, fault, faults) => {
    const url = await started('python3', [path('asking-server.py')]);
    const { report, value } = await load(http(url), [calling('report', { steps: 5, fault })], {
      progress: true,
    });
    expect(report.failures).toEqual([]);
    expect(await stats(url)).toMatchObject({ progress: 300 });
    expect(value('progress.notifications')).toBe(300);
    expect(value('progress.per_call')).toBe(5);
    expect(value('progress.unknown')).toBe(0);
    for (const [name, count] of Object.entries(faults)) expect([name, value(name)]).toEqual([name, count]);
  });
});

describe('the reference server', () => {
  it.each([
    ['along the call', [], session],
    ['on the session stream', ['--ask-on', 'session'], session],
    ['in rounds', [], stateless],
  ] as const)('has every answer %s, and its calls are those that are counted', async (_, flags, dialect) => {
    const server = await startTruthServer('reference', ['--interactive', ...flags]);
    cleanups.push(() => server.stop());
    const operations = ['count_roots', 'summarise_stock', 'confirm_order'].map((tool) => calling(tool, {}));
    const { report, value } = await load({ ...http(server.url), ...dialect }, operations, {
      session: 'per-vu',
    });
    expect(report.failures).toEqual([]);
    const { asks } = (await server.stats()) as unknown as {
      asks: Record<string, { sent: number; answered: number }>;
    };
    const kinds = {
      'sampling/createMessage': 'sampling',
      'elicitation/create': 'elicitation',
      'roots/list': 'roots',
    };
    for (const [method, kind] of Object.entries(kinds)) {
      const ours = [value(`server_requests.${kind}.received`), value(`server_requests.${kind}.answered`)];
      expect([method, asks[method]?.sent, asks[method]?.answered]).toEqual([method, ...ours]);
    }
    expect(value('server_requests.answered')).toBe(60);
  });

  it('is answered over legacy HTTP+SSE', async () => {
    const server = await startTruthServer('reference', ['--interactive', '--sse-path', '/sse']);
    cleanups.push(() => server.stop());
    const url = new URL('/sse', server.url).href;
    const target: LoadTarget = { ...http(url), kind: 'sse', protocolVersion: '2024-11-05' };
    const { report, value } = await load(target, [calling('ask_model', { question: 'why?', times: 2 })]);
    expect(report.failures).toEqual([]);
    expect(value('server_requests.answered')).toBe(120);
  });
});

describe('servers on the official SDKs', () => {
  it.each([
    ['along the call', false],
    ['outside of it', true],
  ])('v1 over HTTP with sessions is answered %s', async (_, outside) => {
    const server = await startFixture('v1-stateful', '--ask');
    cleanups.push(() => server.stop());
    const { report, value } = await load(http(server.url), [calling('ask', { question: 'why?', outside })]);
    expect(report.failures).toEqual([]);
    expect(value('server_requests.answered')).toBe(60);
  });

  it('v1 over stdio is answered', async () => {
    const target = stdio(process.execPath, [path('servers/v1-stateful.mjs'), '--stdio', '--ask']);
    const { report, value } = await load(target, [calling('ask', { question: 'why?' })]);
    expect(report.failures).toEqual([]);
    expect(value('server_requests.answered')).toBe(60);
  });

  it('v2 is answered in rounds over HTTP, and over stdio in both eras', async () => {
    const server = await startFixture('v2', '--ask');
    cleanups.push(() => server.stop());
    const pipe = stdio(process.execPath, [path('servers/v2.mjs'), '--stdio', '--ask']);
    for (const target of [{ ...http(server.url), ...stateless }, { ...pipe, ...stateless }, pipe]) {
      const { report, value } = await load(target, [calling('ask', { question: 'why?' })]);
      expect(report.failures).toEqual([]);
      expect(value('server_requests.answered')).toBe(60);
      if (target.era === 'stateless') expect(value('rounds.mean')).toBe(2);
    }
  });
});
