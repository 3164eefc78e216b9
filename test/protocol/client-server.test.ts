import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  forgetVerdicts,
  WireError,
  type ConnectOptions,
  type ProtocolVersion,
} from '../../src/protocol/index.js';
import { demoServer } from './demo-server.js';
import { reach, type Reached, type TransportName } from './transports.js';

/** Everything that is common to all transports and revisions is shown on all of them. */
const matrix: [TransportName, ProtocolVersion][] = [
  ['in-process', '2025-11-25'],
  ['in-process', '2026-07-28'],
  ['stdio', '2024-11-05'],
  ['stdio', '2025-11-25'],
  ['stdio', '2026-07-28'],
  ['http json', '2025-03-26'],
  ['http json', '2025-11-25'],
  ['http json', '2026-07-28'],
  ['http sse', '2025-06-18'],
  ['http sse', '2025-11-25'],
  ['http sse', '2026-07-28'],
  ['http stateless', '2025-11-25'],
  ['legacy sse', '2024-11-05'],
];

let reached: Reached | undefined;

beforeEach(() => {
  forgetVerdicts();
});

afterEach(async () => {
  await reached?.close();
  reached = undefined;
});

async function open(name: TransportName, options: ConnectOptions) {
  reached = await reach(name, demoServer(), { timeoutMs: 5000, ...options });
  return reached.connection;
}

describe.each(matrix)('over %s, %s', (name, protocol) => {
  it('agrees on the revision and introduces the server', async () => {
    const connection = await open(name, { protocol });
    expect(connection).toMatchObject({
      protocolVersion: protocol,
      era: protocol === '2026-07-28' ? 'stateless' : 'session',
      serverInfo: { name: 'demo', version: '1.2.3', title: 'Demo' },
      instructions: 'Be kind.',
      capabilities: { tools: { listChanged: true } },
    });
  });

  it('lists all pages', async () => {
    const connection = await open(name, { protocol });
    const tools = await connection.listTools();
    expect(tools.map((tool) => tool.name)).toEqual([
      'echo',
      'add',
      'fail',
      'refuse',
      'steps',
      'wait',
      'ask-name',
      'region',
      'waits',
    ]);
    expect(tools[0]).toMatchObject({ annotations: { readOnlyHint: true }, inputSchema: { type: 'object' } });
    expect(await connection.listPrompts()).toHaveLength(1);
    expect(await connection.listResources()).toHaveLength(1);
    expect(await connection.listResourceTemplates()).toHaveLength(1);
  });

  it('calls, reads, prompts, completes and pings', async () => {
    const connection = await open(name, { protocol });
    const echoed = await connection.callTool('echo', { message: 'grüezi ☃' });
    expect(echoed.content).toEqual([{ type: 'text', text: 'grüezi ☃' }]);
    expect((await connection.callTool('add', { a: 2, b: 3 })).structuredContent).toEqual({ sum: 5 });
    expect((await connection.callTool('region', { where: 'Zürich' })).content[0]?.text).toBe('in Zürich');
    expect((await connection.readResource('memo://one')).contents[0]?.text).toBe('the first memo');
    expect((await connection.readResource('memo://seven')).contents[0]?.text).toBe('memo seven');
    const prompt = await connection.getPrompt('greet', { who: 'Ada' });
    expect(prompt.messages[0]?.content.text).toBe('Greet Ada');
    const completed = await connection.complete({
      ref: { type: 'ref/prompt', name: 'greet' },
      argument: { name: 'who', value: 'al' },
    });
    expect(completed.completion.values).toEqual(['alpha']);
    await connection.ping();
  });

  it('tells tool failures, refusals and unknown things apart', async () => {
    const connection = await open(name, { protocol });
    expect(await connection.callTool('fail')).toMatchObject({
      isError: true,
      content: [{ text: 'this tool always fails' }],
    });
    expect(await connection.callTool('echo', {})).toMatchObject({ isError: true });
    await expect(connection.callTool('refuse')).rejects.toMatchObject({
      outcome: 'rpc',
      rpcCode: -32099,
      data: { until: 'tomorrow' },
    });
    await expect(connection.callTool('no-such-tool')).rejects.toMatchObject({
      outcome: 'rpc',
      rpcCode: -32602,
    });
    await expect(connection.request('no/such/method')).rejects.toMatchObject({
      outcome: 'rpc',
      rpcCode: -32601,
    });
  });

  it('reports progress', async () => {
    const connection = await open(name, { protocol });
    const seen: number[] = [];
    const result = await connection.callTool(
      'steps',
      {},
      { onProgress: ({ progress }) => seen.push(progress) },
    );
    expect(result.content[0]?.text).toBe('done');
    expect(seen).toEqual([1, 2, 3]);
  });

  it('cancels on the wire when the caller does', async () => {
    const connection = await open(name, { protocol });
    const controller = new AbortController();
    const waiting = connection.callTool('wait', {}, { signal: controller.signal });
    const counts = async () => JSON.parse((await connection.callTool('waits')).content[0]!.text!) as object;
    await expect.poll(counts).toMatchObject({ started: 1 });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    // Without a session nobody can say which call a notification means.
    if (name !== 'http stateless') {
      await expect.poll(counts).toEqual({ started: 1, aborted: 1 });
    }
  });

  it('ends a call that takes too long', async () => {
    const connection = await open(name, { protocol });
    const error: unknown = await connection
      .callTool('wait', {}, { timeoutMs: 50 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ outcome: 'timeout' });
    expect((await connection.callTool('echo', { message: 'alive' })).content[0]?.text).toBe('alive');
  });

  if (name === 'http stateless') {
    it('cannot be asked without a session: the call ends as failed', async () => {
      const asked: string[] = [];
      const connection = await open(name, {
        protocol,
        capabilities: { elicitation: {} },
        onRequest: (method) => {
          asked.push(method);
          return Promise.resolve({ action: 'accept', content: { name: 'Ada' } });
        },
      });
      expect(await connection.callTool('ask-name')).toMatchObject({ isError: true });
      expect(asked).toEqual([]);
    });
  } else {
    it('answers what the server asks', async () => {
      const asked: string[] = [];
      const connection = await open(name, {
        protocol,
        capabilities: { elicitation: {} },
        onRequest: (method, params) => {
          asked.push(`${method} ${String(params['message'])}`);
          return Promise.resolve({
            action: 'accept',
            content: { name: asked.length === 1 ? 'Ada' : 'Lovelace' },
          });
        },
      });
      expect((await connection.callTool('ask-name')).content[0]?.text).toBe('Hello Ada Lovelace');
      expect(asked).toEqual(['elicitation/create Your first name?', 'elicitation/create Your last name?']);
    });

    it('refuses what it cannot answer, and the call ends', async () => {
      const connection = await open(name, { protocol, capabilities: { elicitation: {} } });
      const call = connection.callTool('ask-name');
      if (protocol === '2026-07-28') await expect(call).rejects.toMatchObject({ outcome: 'mismatch' });
      else expect(await call).toMatchObject({ isError: true });
    });
  }

  it('carries 2 MB there and back', async () => {
    const connection = await open(name, { protocol });
    const message = 'ä'.repeat(1_000_000);
    expect((await connection.callTool('echo', { message })).content[0]?.text).toBe(message);
  });

  it('keeps many calls apart', async () => {
    const connection = await open(name, { protocol });
    const sums = await Promise.all(
      Array.from({ length: 200 }, (_, i) => connection.callTool('add', { a: i, b: 1 })),
    );
    expect(sums.map((sum) => sum.structuredContent)).toEqual(
      Array.from({ length: 200 }, (_, i) => ({ sum: i + 1 })),
    );
  });
});

describe.each<[TransportName, string]>([
  ['in-process', '2026-07-28'],
  ['stdio', '2026-07-28'],
  ['http json', '2026-07-28'],
  ['legacy sse', '2025-11-25'],
])('left to itself over %s', (name, version) => {
  it(`agrees on ${version}`, async () => {
    expect((await open(name, {})).protocolVersion).toBe(version);
  });
});
