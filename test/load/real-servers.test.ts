import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { totalOf, type LoadReport, type LoadTarget } from '../../src/load/index.js';
import type { JsonObject } from '../../src/core/index.js';
import type { LoadPlan, OperationPlan } from '../../src/plan/load-plan.js';
import { startEverything, startFixture } from '../fixtures/real-servers.js';
import { runLoad } from '../truth/truth-run.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const call = (tool: string, args: JsonObject): OperationPlan => ({
  name: `tools/call ${tool}`,
  method: 'tools/call',
  tool,
  weight: 1,
  params: [{ name: tool, arguments: args }],
});
const list: OperationPlan = { name: 'tools/list', method: 'tools/list', weight: 1, params: [] };
const session = { era: 'session', protocolVersion: '2025-11-25' } as const;
const stateless = { era: 'stateless', protocolVersion: '2026-07-28' } as const;
const packaged = (name: string) =>
  fileURLToPath(new URL(`../../node_modules/@modelcontextprotocol/${name}/dist/index.js`, import.meta.url));

/** A short load of a mix; every call must come out ok. */
async function load(
  target: LoadTarget,
  operations: OperationPlan[],
  part: Partial<LoadPlan> = {},
): Promise<LoadReport> {
  const report = await runLoad(target, {
    operations,
    executor: { kind: 'shared-iterations', vus: 6, iterations: 60, maxDurationMs: 30_000 },
    ...part,
  });
  expect(report.failures).toEqual([]);
  expect(totalOf(report).ok).toBe(60);
  return report;
}

const stdio = (name: string, args: string[] = [], env: Record<string, string> = {}): LoadTarget => ({
  kind: 'stdio',
  command: process.execPath,
  args: [packaged(name), ...args],
  env,
  ...session,
});

describe('a load on the official example servers', () => {
  const mix = [call('echo', { message: 'žluťoučký kůň' }), call('get-sum', { a: 2, b: 3 }), list];

  it('server-everything over stdio', async () => {
    await load(stdio('server-everything', ['stdio']), mix);
  });

  it.each(['shared', 'per-vu', 'per-call'] as const)(
    'server-everything over streamable HTTP, session %s',
    async (mode) => {
      const server = await startEverything('streamableHttp');
      cleanups.push(server.stop);
      const report = await load({ kind: 'http', url: server.url, headers: {}, ...session }, mix, {
        session: mode,
      });
      expect(report.initialize.count).toBe({ shared: 1, 'per-vu': 6, 'per-call': 60 }[mode]);
    },
  );

  it('server-everything over HTTP+SSE', async () => {
    const server = await startEverything('sse');
    cleanups.push(server.stop);
    await load({ kind: 'sse', url: server.url, headers: {}, ...session, protocolVersion: '2024-11-05' }, mix);
  });

  it('server-filesystem and server-memory', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dyno-load-'));
    cleanups.push(() => {
      rmSync(folder, { recursive: true });
    });
    await load(stdio('server-filesystem', [folder]), [call('list_directory', { path: folder }), list]);
    const memory = stdio('server-memory', [], { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') });
    await load(memory, [call('read_graph', {}), list]);
  });
});

describe('a load on servers made with the official SDKs', () => {
  const mix = [call('echo', { message: 'hi' }), call('add', { a: 2, b: 3 }), list];

  it.each([
    ['v1-stateful', session],
    ['v1-stateless', session],
    ['v2', session],
    ['v2', stateless],
  ] as const)('%s over HTTP, %o', async (name, dialect) => {
    const server = await startFixture(name);
    cleanups.push(server.stop);
    await load({ kind: 'http', url: server.url, headers: {}, ...dialect }, mix);
  });
});
