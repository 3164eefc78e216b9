import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { McpClient, type McpClientOptions, type ServerStatus } from '../../src/host/client/index.js';
import { ToolDiscovery } from '../../src/host/discovery/index.js';
import { McpServer, WireError } from '../../src/protocol/index.js';
import type { StdioTargetSpec } from '../../src/target/index.js';
import { badStdio, startBadHttp } from '../fixtures/bad-servers.js';
import { startFixture } from '../fixtures/real-servers.js';

const fixture = (name: string, ...flags: string[]): StdioTargetSpec => ({
  kind: 'stdio',
  command: process.execPath,
  args: [fileURLToPath(new URL(`../fixtures/servers/${name}.mjs`, import.meta.url)), '--stdio', ...flags],
  env: {},
});
const quick = { backoff: { firstMs: 30, maxMs: 300 } };
/** Where negotiation is not the subject, it need not start a second child to ask. */
const session = { protocol: '2025-11-25' } as const;

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function aClient(options: McpClientOptions = {}): McpClient {
  const client = new McpClient({ ...quick, ...options });
  ends.push(() => client.close());
  return client;
}

function reaches(client: McpClient, name: string, wanted: (status: ServerStatus) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = client.onStatus((status) => {
      if (status.name !== name || !wanted(status)) return;
      stop();
      resolve();
    });
    if (wanted(client.server(name))) {
      stop();
      resolve();
    }
  });
}

describe('many servers under names', () => {
  it('are called by name; tools of one name on two servers are told apart', async () => {
    const client = aClient();
    const http = await startFixture('v1-stateful');
    ends.push(() => http.stop());
    await Promise.all([
      client.connectServer('v1', fixture('v1-stateful')),
      client.connectServer('v2', fixture('v2')),
      client.connectServer('v1 over http', { kind: 'http', url: http.url, headers: {} }),
    ]);
    expect(client.server('v2')).toMatchObject({ state: 'connected', era: 'stateless', transport: 'stdio' });
    expect(client.server('v1 over http')).toMatchObject({ state: 'connected', era: 'session' });
    const { tools, failed } = await client.listAllTools();
    expect(failed).toEqual([]);
    expect(
      tools
        .filter(({ name }) => name === 'echo')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['v1 over http/echo', 'v1/echo', 'v2/echo']);
    expect(new Set(tools.map(({ id }) => id)).size).toBe(tools.length);
    for (const { name } of client.servers()) {
      const answer = await client.callTool(name, 'add', { a: 2, b: 3 });
      expect(answer.structuredContent).toEqual({ sum: 5 });
    }
  });

  it('leave nothing behind when they are disconnected', async () => {
    const client = aClient(session);
    await client.connectServer('one', fixture('v1-stateful'));
    await client.connectServer('two', fixture('v1-stateful'));
    const [one, two] = client.servers().map(({ pid }) => pid!);
    expect(await client.disconnectServer('one')).toBe(true);
    expect(alive(one!)).toBe(false);
    expect(alive(two!)).toBe(true);
    await expect(client.callTool('one', 'echo')).rejects.toThrow(
      /no server named "one"; connected are "two"/,
    );
    await client.close();
    expect(alive(two!)).toBe(false);
    expect(await client.disconnectServer('one')).toBe(false);
  });

  it('names what is wrong with a name', async () => {
    const client = aClient(session);
    await client.connectServer('files', fixture('v1-stateful'));
    await expect(client.connectServer('files', fixture('v1-stateful'))).rejects.toThrow(/"files" is already/);
    await expect(client.connectServer('', fixture('v1-stateful'))).rejects.toThrow(/1 to 128 characters/);
    await expect(client.callTool('flies', 'echo')).rejects.toMatchObject({ exitCode: 104, hint: /files/ });
  });
});

describe('a broken server', () => {
  it('harms no other: a missing command, a silent child, garbage, an endless list', async () => {
    // The good one has the same time to start as the silent one has to be given up on: enough on a busy machine.
    const client = aClient({ ...session, connectTimeoutMs: 8000 });
    await client.connectServer('good', fixture('v1-stateful'));
    const garbage = await startBadHttp('garbage', '*');
    ends.push(() => garbage.stop());
    const missing: StdioTargetSpec = { kind: 'stdio', command: '/no/such/program', args: [], env: {} };
    const bad = Promise.all([
      client.connectServer('missing', missing, { keepTrying: true }),
      client.connectServer(
        'silent',
        { kind: 'stdio', command: 'sleep', args: ['60'], env: {} },
        { keepTrying: true },
      ),
      client.connectServer('garbage', { kind: 'http', url: garbage.url, headers: {} }, { keepTrying: true }),
    ]);
    let settled = false;
    void bad.then(() => (settled = true));
    for (let i = 0; i < 20; i++) await client.callTool('good', 'echo', { message: 'x' });
    // Those that do not answer are still being waited for.
    expect(settled).toBe(false);
    const [missingStatus] = await bad;
    expect(missingStatus.error).toMatch(/\/no\/such\/program/);
    const { tools, failed } = await client.listAllTools({ timeoutMs: 5000 });
    expect(tools.length).toBeGreaterThan(2);
    expect(failed.map(({ server }) => server).sort()).toEqual(['garbage', 'missing', 'silent']);
  });

  it('is refused with the reason when it is not to be tried again', async () => {
    const client = aClient();
    const dies: StdioTargetSpec = { kind: 'stdio', env: {}, ...badStdio('no-such-mode') };
    await expect(client.connectServer('dies', dies)).rejects.toMatchObject({ exitCode: 111 });
    expect(client.servers()).toEqual([]);
  });

  it('is told at once to who calls it while it is not there', async () => {
    const client = aClient({ backoff: { firstMs: 60_000, maxMs: 60_000 } });
    const gone = { kind: 'http', url: 'http://127.0.0.1:1/mcp', headers: {} } as const;
    const status = await client.connectServer('gone', gone, { keepTrying: true });
    expect(status).toMatchObject({ state: 'waiting', failures: 1 });
    expect(status.nextAttemptMs).toBeGreaterThan(25_000);
    const failure: unknown = await client.callTool('gone', 'echo').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WireError);
    expect(failure).toMatchObject({ outcome: 'connect', message: /'gone' is not connected/ });
  });
});

describe('a lost server', () => {
  it('that was a child is started again, and only once', async () => {
    const client = aClient(session);
    await client.connectServer('child', fixture('v1-stateful'));
    const before = client.server('child').pid!;
    process.kill(before, 'SIGKILL');
    await reaches(client, 'child', ({ state, connects }) => state === 'connected' && connects === 2);
    const after = client.server('child').pid!;
    expect(after).not.toBe(before);
    const answer = await client.callTool('child', 'echo', { message: 'back' });
    expect(answer.content[0]!.text).toBe('back');
    await client.close();
    expect([before, after].map(alive)).toEqual([false, false]);
  });

  it('whose sessions were forgotten is opened again without the caller seeing it', async () => {
    const client = aClient();
    const http = await startFixture('v1-stateful');
    ends.push(() => http.stop());
    await client.connectServer('http', { kind: 'http', url: http.url, headers: {} });
    await client.callTool('http', 'echo', { message: 'x' });
    await fetch(new URL('/forget', http.url), { method: 'POST' });
    const answers = await Promise.all(
      [1, 2, 3].map(() => client.callTool('http', 'echo', { message: 'again' })),
    );
    expect(answers.map(({ content }) => content[0]!.text)).toEqual(['again', 'again', 'again']);
  });
});

describe('the tools of a server as a source', () => {
  it('follow changes, pages and time to live', async () => {
    const server = new McpServer({ name: 'in process', version: '1.0.0', pageSize: 2, ttlMs: 60_000 });
    for (const name of ['one', 'two', 'three']) server.tool({ name }, () => name);
    const client = aClient();
    await client.connectServer('mine', { kind: 'in-process', server }, { tags: ['Test'] });
    const discovery = new ToolDiscovery({ minGapMs: 0 });
    ends.push(() => Promise.resolve(discovery.close()));
    const source = client.toolSource('mine');
    await discovery.addSource(source);
    expect([...discovery.tools()].map(({ id }) => id).sort()).toEqual(['mine/one', 'mine/three', 'mine/two']);
    expect(source.ttlMs).toBe(60_000);
    const changed = new Promise((resolve) => discovery.onChange(resolve));
    server.tool({ name: 'four' }, () => 'four');
    expect(await changed).toMatchObject({ added: ['mine/four'] });
  });
});
