import { PassThrough } from 'node:stream';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';
import { serveHttp, serveStdio, type HttpServing, type ServeHttpOptions } from '../../src/protocol/index.js';
import { demoServer } from './demo-server.js';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(options: ServeHttpOptions = {}): Promise<HttpServing> {
  const serving = await serveHttp(demoServer(), options);
  cleanups.push(() => serving.close());
  return serving;
}

/** The SDK's stdio framing over streams in this process. */
function pipeTransport(): Transport {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const serving = serveStdio(demoServer(), { input: stdin, output: stdout });
  const buffer = new ReadBuffer();
  const transport: Transport = {
    start: () => {
      stdout.on('data', (chunk: Buffer) => {
        buffer.append(chunk);
        for (let message = buffer.readMessage(); message !== null; message = buffer.readMessage()) {
          transport.onmessage?.(message);
        }
      });
      return Promise.resolve();
    },
    send: (message) => {
      stdin.write(serializeMessage(message));
      return Promise.resolve();
    },
    close: async () => {
      stdin.end();
      await serving.closed;
      transport.onclose?.();
    },
  };
  return transport;
}

const forms: [string, () => Promise<Transport>][] = [
  ['streamable HTTP', async () => new HttpV1(new URL((await serve()).url)) as Transport],
  [
    'streamable HTTP, SSE answers',
    async () => {
      const { url } = await serve({ answers: 'sse', eventStore: 100 });
      return new HttpV1(new URL(url)) as Transport;
    },
  ],
  [
    'legacy HTTP+SSE',
    async () => {
      const { sseUrl } = await serve({ ssePath: '/sse' });
      return new SSEClientTransport(new URL(sseUrl!)) as Transport;
    },
  ],
  ['stdio', () => Promise.resolve(pipeTransport())],
];

describe.each(forms)('the official SDK v1 client over %s', (_, transport) => {
  it('uses everything the server offers', async () => {
    const client = new ClientV1({ name: 'v1', version: '1' }, { capabilities: { elicitation: {} } });
    cleanups.push(() => client.close());
    let asked = 0;
    client.setRequestHandler(ElicitRequestSchema, () => {
      asked++;
      return { action: 'accept' as const, content: { name: asked === 1 ? 'Ada' : 'Lovelace' } };
    });
    const logs: unknown[] = [];
    client.setNotificationHandler(
      LoggingMessageNotificationSchema,
      ({ params }) => void logs.push(params.data),
    );
    await client.connect(await transport());
    expect(client.getServerVersion()).toMatchObject({ name: 'demo', version: '1.2.3' });
    expect(client.getInstructions()).toBe('Be kind.');

    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const listed = await client.listTools(cursor === undefined ? {} : { cursor });
      names.push(...listed.tools.map((tool) => tool.name));
      cursor = listed.nextCursor;
    } while (cursor !== undefined);
    expect(names).toHaveLength(9);

    const added = await client.callTool({ name: 'add', arguments: { a: 2, b: 3 } });
    expect(added.structuredContent).toEqual({ sum: 5 });
    expect((await client.callTool({ name: 'fail' })).isError).toBe(true);
    await expect(client.callTool({ name: 'nothing' })).rejects.toMatchObject({ code: -32602 });
    const steps: number[] = [];
    await client.callTool({ name: 'steps' }, undefined, {
      onprogress: ({ progress }) => void steps.push(progress),
    });
    expect(steps).toEqual([1, 2, 3]);
    expect(logs).toHaveLength(3);
    await client.setLoggingLevel('error');
    await client.callTool({ name: 'steps' });
    expect(logs).toHaveLength(3);
    const greeted = await client.callTool({ name: 'ask-name' });
    expect(greeted.content).toEqual([{ type: 'text', text: 'Hello Ada Lovelace' }]);

    const controller = new AbortController();
    const waiting = client.callTool({ name: 'wait' }, undefined, { signal: controller.signal });
    void waiting.catch(() => {});
    const waits = async (): Promise<unknown> => {
      const { content } = (await client.callTool({ name: 'waits' })) as { content: { text: string }[] };
      return JSON.parse(content[0]!.text);
    };
    await expect.poll(waits).toEqual({ started: 1, aborted: 0 });
    controller.abort();
    await expect(waiting).rejects.toThrow();
    await expect.poll(waits).toEqual({ started: 1, aborted: 1 });

    const read = await client.readResource({ uri: 'memo://one' });
    expect(read.contents[0]).toMatchObject({ text: 'the first memo' });
    expect((await client.getPrompt({ name: 'greet', arguments: { who: 'Ada' } })).messages).toHaveLength(1);
    const argument = { name: 'who', value: 'b' };
    const completed = await client.complete({ ref: { type: 'ref/prompt', name: 'greet' }, argument });
    expect(completed.completion.values).toEqual(['beta']);
    await client.ping();
  });
});

describe('the official SDK v2 client', () => {
  it.each([
    ['legacy', '2025-11-25'],
    ['auto', '2026-07-28'],
  ] as const)('negotiates %s to %s', async (mode, version) => {
    const { url } = await serve();
    const client = new ClientV2(
      { name: 'v2', version: '1' },
      { versionNegotiation: { mode }, capabilities: { elicitation: {} } },
    );
    cleanups.push(() => client.close());
    let asked = 0;
    client.setRequestHandler('elicitation/create', () => {
      asked++;
      return { action: 'accept' as const, content: { name: asked === 1 ? 'Ada' : 'Lovelace' } };
    });
    await client.connect(new HttpV2(new URL(url)));
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    expect(client.getServerVersion()).toMatchObject({ name: 'demo' });
    expect((await client.listTools()).tools.length).toBeGreaterThanOrEqual(4);
    const added = await client.callTool({ name: 'add', arguments: { a: 2, b: 3 } });
    expect(added.structuredContent).toEqual({ sum: 5 });
    const region = await client.callTool({ name: 'region', arguments: { where: 'Zürich' } });
    expect(region.content).toEqual([{ type: 'text', text: 'in Zürich' }]);
    expect((await client.callTool({ name: 'fail' })).isError).toBe(true);
    const steps: number[] = [];
    await client.callTool({ name: 'steps' }, { onprogress: ({ progress }) => void steps.push(progress) });
    expect(steps).toEqual([1, 2, 3]);
    const greeted = await client.callTool({ name: 'ask-name' });
    expect(greeted.content).toEqual([{ type: 'text', text: 'Hello Ada Lovelace' }]);
    expect((await client.readResource({ uri: 'memo://one' })).contents).toHaveLength(1);
  });
});
