import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  connect,
  forgetVerdicts,
  type ConnectOptions,
  type McpConnection,
} from '../../src/protocol/index.js';
import {
  startEverything,
  startFixture,
  startFixtureStdio,
  startOfficialStdio,
  type StdioProgram,
} from '../fixtures/real-servers.js';
import type { ListeningProgram } from '../fixtures/start-program.js';

const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  forgetVerdicts();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Servers over HTTP are started once: it is their start that takes the time. */
const programs = new Map<string, Promise<ListeningProgram>>();

function started(key: string, start: () => Promise<ListeningProgram>): Promise<ListeningProgram> {
  let program = programs.get(key);
  if (program === undefined) programs.set(key, (program = start()));
  return program;
}

afterAll(async () => {
  for (const program of programs.values()) await (await program).stop();
});

const everything = (transport: 'streamableHttp' | 'sse') =>
  started(`everything ${transport}`, () => startEverything(transport));
const fixture = (name: string, ...flags: string[]) =>
  started(`${name} ${flags.join(' ')}`, () => startFixture(name, ...flags));

function keep(connection: McpConnection): McpConnection {
  cleanups.push(() => connection.close());
  return connection;
}

async function overHttp(program: { url: string }, options: ConnectOptions = {}): Promise<McpConnection> {
  return keep(await connect({ kind: 'http', url: program.url }, { timeoutMs: 10_000, ...options }));
}

async function overStdio(start: () => StdioProgram, options: ConnectOptions = {}): Promise<McpConnection> {
  const child = () => {
    const program = start();
    cleanups.push(() => program.stop());
    return program.pipe;
  };
  const probe = () => Promise.resolve(child());
  return keep(await connect({ kind: 'stdio', pipe: child() }, { timeoutMs: 10_000, probe, ...options }));
}

const text = async (
  connection: McpConnection,
  tool: string,
  args: Parameters<McpConnection['callTool']>[1],
) => (await connection.callTool(tool, args)).content[0]?.text;

describe('server-everything', () => {
  const exercise = async (connection: McpConnection) => {
    expect((await connection.listTools()).map((tool) => tool.name)).toContain('echo');
    expect(await text(connection, 'echo', { message: 'hello' })).toContain('hello');
    expect(await text(connection, 'get-sum', { a: 2, b: 40 })).toContain('42');
    expect((await connection.listResources()).length).toBeGreaterThan(0);
    expect((await connection.listPrompts()).length).toBeGreaterThan(0);
    const steps: number[] = [];
    await connection.callTool(
      'trigger-long-running-operation',
      { duration: 0.2, steps: 2 },
      { onProgress: ({ progress }) => steps.push(progress) },
    );
    expect(steps).toEqual([1, 2]);
    await connection.ping();
  };

  it('over stdio', async () => {
    const connection = await overStdio(() => startOfficialStdio('server-everything', ['stdio']));
    expect(connection).toMatchObject({ era: 'session', transport: 'stdio' });
    await exercise(connection);
    expect(connection.diagnostics.noise).toBe(0);
  });

  it('over streamable HTTP, its lost sessions opened again', async () => {
    const program = await everything('streamableHttp');
    const connection = await overHttp(program);
    expect(connection).toMatchObject({ era: 'session', transport: 'http' });
    await exercise(connection);
    const { sessionId } = connection;
    const ended = await fetch(program.url, { method: 'DELETE', headers: { 'mcp-session-id': sessionId! } });
    expect(ended.status).toBe(200);
    const calls = [1, 2, 3, 4].map((i) => text(connection, 'echo', { message: `again ${i}` }));
    expect(await Promise.all(calls)).toHaveLength(4);
    expect(connection.sessionId).not.toBe(sessionId);
    expect(connection.diagnostics.reopened).toBe(1);
  });

  it('over legacy HTTP+SSE, found by itself', async () => {
    const program = await everything('sse');
    const connection = await overHttp(program);
    expect(connection).toMatchObject({ era: 'session', transport: 'sse' });
    await exercise(connection);
  });

  it('answers what it asks, on the stream of its call', async () => {
    const asked: string[] = [];
    const connection = await overHttp(await everything('streamableHttp'), {
      capabilities: { sampling: {}, elicitation: {} },
      onRequest: (method) => {
        asked.push(method);
        return Promise.resolve({
          role: 'assistant',
          content: { type: 'text', text: 'as you like' },
          model: 'none',
        });
      },
    });
    const answered = await connection.callTool('trigger-sampling-request', { prompt: 'x', maxTokens: 5 });
    expect(JSON.stringify(answered.content)).toContain('as you like');
    expect(asked).toContain('sampling/createMessage');
  });
});

it('server-filesystem', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dyno-filesystem-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'note.txt'), 'ink');
  const connection = await overStdio(() => startOfficialStdio('server-filesystem', [folder]));
  expect((await connection.listTools()).length).toBeGreaterThan(5);
  expect(await text(connection, 'list_directory', { path: folder })).toContain('note.txt');
  expect((await connection.callTool('list_directory', { path: '/nowhere' })).isError).toBe(true);
});

it('server-memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dyno-memory-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const env = { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') };
  const connection = await overStdio(() => startOfficialStdio('server-memory', [], env));
  const graph = await connection.callTool('read_graph', {});
  expect(graph.structuredContent).toEqual({ entities: [], relations: [] });
});

/** name, flags, protocol asked for, era found */
const fixtures = [
  ['v1-stateful', [], 'auto', 'session'],
  ['v1-stateful', ['--json'], 'auto', 'session'],
  ['v1-stateful', ['--event-store'], '2025-11-25', 'session'],
  ['v1-stateless', [], 'auto', 'session'],
  ['v1-stateless', ['--json'], '2025-06-18', 'session'],
  ['v1-sse', [], 'auto', 'session'],
  ['v2', [], 'auto', 'stateless'],
  ['v2', ['--sse'], 'auto', 'stateless'],
  ['v2', ['--modern'], 'auto', 'stateless'],
  ['v2', [], '2025-11-25', 'session'],
] as const;

const exerciseFixture = async (connection: McpConnection) => {
  expect((await connection.listTools()).map((tool) => tool.name)).toEqual(['echo', 'add', 'slow']);
  expect(await text(connection, 'echo', { message: 'grüezi' })).toBe('grüezi');
  expect((await connection.callTool('add', { a: 1, b: 2 })).structuredContent).toEqual({ sum: 3 });
  expect((await connection.callTool('add', { a: 'one' })).isError).toBe(true);
  await connection.ping();
};

describe('the official SDKs over HTTP', () => {
  it.each(fixtures)('%s %j, asked for %s', async (name, flags, protocol, era) => {
    const program = await fixture(name, ...flags);
    const connection = await overHttp(program, { protocol });
    expect(connection.era).toBe(era);
    await exerciseFixture(connection);
    expect(connection.diagnostics).toMatchObject({ noise: 0, strayAnswers: 0, reopened: 0 });
  });

  it.each([
    ['v1-stateful', 'auto'],
    ['v1-stateful', '2025-03-26'],
    ['v2', '2026-07-28'],
  ] as const)('%s, %s: a call given up is cancelled there', async (name, protocol) => {
    const program = await fixture(name);
    const connection = await overHttp(program, { protocol });
    await expect(connection.callTool('slow', { ms: 60_000 }, { timeoutMs: 100 })).rejects.toMatchObject({
      outcome: 'timeout',
    });
    await expect.poll(() => program.errors()).toContain('slow was cancelled');
    expect(await text(connection, 'echo', { message: 'next' })).toBe('next');
  });

  it('opens a forgotten session again once, however many calls notice', async () => {
    const program = await fixture('v1-stateful');
    const connection = await overHttp(program);
    await fetch(new URL('/forget', program.url));
    const calls = Array.from({ length: 20 }, (_, i) => text(connection, 'echo', { message: String(i) }));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    expect(connection.diagnostics.reopened).toBe(1);
  });

  it('refuses what the server does not speak', async () => {
    const program = await fixture('v1-stateful');
    const attempt = connect({ kind: 'http', url: program.url }, { protocol: '2026-07-28' });
    await expect(attempt).rejects.toMatchObject({ name: 'WireError', outcome: 'http' });
    const modern = await fixture('v2', '--modern');
    await expect(
      connect({ kind: 'http', url: modern.url }, { protocol: '2025-06-18' }),
    ).rejects.toMatchObject({
      rpcCode: -32022,
    });
  });
});

describe('the official SDKs over stdio', () => {
  it.each([
    ['v1-stateful', [], 'auto', 'session'],
    ['v2', [], 'auto', 'stateless'],
    ['v2', [], '2025-11-25', 'session'],
    ['v2', ['--modern'], 'auto', 'stateless'],
  ] as const)('%s %j, asked for %s', async (name, flags, protocol, era) => {
    const connection = await overStdio(() => startFixtureStdio(name, ...flags), { protocol });
    expect(connection.era).toBe(era);
    await exerciseFixture(connection);
    await expect(connection.callTool('slow', { ms: 60_000 }, { timeoutMs: 50 })).rejects.toMatchObject({
      outcome: 'timeout',
    });
  });

  it('finds a server of the stateless era alone without a probe', async () => {
    const connection = await overStdio(() => startFixtureStdio('v2', '--modern'), { probe: undefined });
    expect(connection.era).toBe('stateless');
  });
});
