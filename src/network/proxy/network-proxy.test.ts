import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { clearConditions, type NetworkConditions } from '../conditions/conditions.js';
import { startProxy, type NetworkProxy, type ProxyOptions } from './network-proxy.js';

const loopback = { host: '127.0.0.1', port: 0 };
const servers: Server[] = [];
const proxies: NetworkProxy[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  for (const server of servers.splice(0)) server.close();
});

/** Answers what it is sent, and remembers it. */
async function echoServer(received: string[] = []): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('data', (chunk) => {
      received.push(chunk.toString());
      socket.write(chunk);
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => received.push('<reset>'));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function proxyTo(
  port: number,
  part: Partial<NetworkConditions> = {},
  more: Partial<ProxyOptions> = {},
) {
  const proxy = await startProxy({
    listen: loopback,
    upstream: { host: '127.0.0.1', port },
    conditions: { ...clearConditions(), ...part },
    ...more,
  });
  proxies.push(proxy);
  return proxy;
}

async function dial(proxy: NetworkProxy): Promise<Socket> {
  const socket = connect({ ...proxy.address, allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** The socket is gone; whether with an error. */
function closeOf(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** Sends a text and waits for as many bytes; how long that took, ms. */
async function exchange(socket: Socket, text: string): Promise<number> {
  const began = performance.now();
  socket.write(text);
  let got = '';
  while (got.length < text.length) got += String((await once(socket, 'data'))[0]);
  expect(got).toBe(text);
  return performance.now() - began;
}

const delayed = (ms: number) => {
  const { up, down } = clearConditions();
  return { up: { ...up, latencyMs: ms / 2 }, down: { ...down, latencyMs: ms / 2 } };
};

describe('a proxy that is a network', () => {
  it('passes bytes and closes on, both ways', async () => {
    const proxy = await proxyTo(await echoServer());
    const socket = await dial(proxy);
    await exchange(socket, 'hello');
    socket.end();
    await once(socket, 'end');
    socket.destroy();
    await expect.poll(async () => (await proxy.stats()).connections).toEqual({ total: 1, open: 0, reset: 0 });
    expect((await proxy.stats()).bytes).toEqual({ up: 5, down: 5 });
  });

  it('carries more than any buffer holds, unharmed, to a reader that is slow', async () => {
    const proxy = await proxyTo(await echoServer());
    const socket = await dial(proxy);
    const text = 'abcdefgh'.repeat(500_000);
    socket.end(text);
    let length = 0;
    for await (const chunk of socket) {
      length += (chunk as Buffer).length;
      if (length < 100_000) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(length).toBe(text.length);
  });

  it('never answers sooner than the round trip', async () => {
    const proxy = await proxyTo(await echoServer(), delayed(30));
    const socket = await dial(proxy);
    expect(await exchange(socket, 'ping')).toBeGreaterThanOrEqual(30);
  });

  it('lets a handshake cost a round trip more, once per connection', async () => {
    const proxy = await proxyTo(await echoServer(), { ...delayed(40), handshake: true });
    const socket = await dial(proxy);
    const first = await exchange(socket, 'ping');
    expect(first).toBeGreaterThanOrEqual(75);
    // A busy machine may delay one exchange as long, not all of them.
    await expect.poll(() => exchange(socket, 'ping')).toBeLessThan(75);
  });

  it('changes while connections are open', async () => {
    const proxy = await proxyTo(await echoServer());
    const socket = await dial(proxy);
    await exchange(socket, 'a');
    await proxy.setConditions({ ...clearConditions(), ...delayed(30) });
    expect(await exchange(socket, 'b')).toBeGreaterThanOrEqual(30);
    await proxy.setConditions(clearConditions());
    await exchange(socket, 'c');
  });

  it('resets connections and refuses new ones while it is cut, and listens on the same port afterwards', async () => {
    const received: string[] = [];
    const proxy = await proxyTo(await echoServer(received));
    const socket = await dial(proxy);
    await exchange(socket, 'a');
    const closed = closeOf(socket);
    await proxy.cut(1500, 'reset');
    expect(await closed).toBe(true);
    await expect.poll(() => received).toContain('<reset>');
    const refused = connect(proxy.address);
    sockets.push(refused);
    expect((await once(refused, 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' });
    await expect.poll(async () => (await proxy.stats()).cut).toBe(false);
    await expect
      .poll(() =>
        dial(proxy).then(
          (again) => exchange(again, 'b'),
          () => -1,
        ),
      )
      .toBeGreaterThan(0);
    expect((await proxy.stats()).cuts).toBe(1);
  });

  it('holds everything while it is cut so, and loses nothing', async () => {
    const proxy = await proxyTo(await echoServer());
    const socket = await dial(proxy);
    await proxy.cut(120, 'hold');
    expect(await exchange(socket, 'held')).toBeGreaterThanOrEqual(115);
  });

  it('cuts by its schedule', async () => {
    const proxy = await proxyTo(await echoServer(), {
      cuts: [{ atMs: 20, forMs: 50, everyMs: 100, kind: 'hold' }],
    });
    await expect.poll(async () => (await proxy.stats()).cuts).toBeGreaterThanOrEqual(2);
  });

  it('resets each connection after its time', async () => {
    const proxy = await proxyTo(await echoServer(), { resetAfterMs: 700 });
    const socket = await dial(proxy);
    await exchange(socket, 'a');
    expect(await closeOf(socket)).toBe(true);
    await expect.poll(async () => (await proxy.stats()).connections).toEqual({ total: 1, open: 0, reset: 1 });
  });

  it('resets at the share of chunks that it is told', async () => {
    const proxy = await proxyTo(await echoServer(), { resetShare: 1 });
    const socket = await dial(proxy);
    socket.write('a');
    await closeOf(socket);
    expect((await proxy.stats()).connections.reset).toBe(1);
  });

  it('falls silent without a close where connections are half open', async () => {
    const received: string[] = [];
    const proxy = await proxyTo(await echoServer(received), { halfOpenAfterMs: 700 });
    const socket = await dial(proxy);
    await exchange(socket, 'a');
    await new Promise((resolve) => setTimeout(resolve, 750));
    socket.write('b');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(received).toEqual(['a']);
    expect(socket.destroyed).toBe(false);
    expect((await proxy.stats()).connections.open).toBe(1);
  });

  it('closes after the bytes that a limit allows, and delivers those', async () => {
    const { down } = clearConditions();
    const proxy = await proxyTo(await echoServer(), { down: { ...down, limitBytes: 3 } });
    const socket = await dial(proxy);
    socket.write('abcdef');
    let got = '';
    socket.on('data', (chunk) => (got += String(chunk)));
    await once(socket, 'end');
    expect(got).toBe('abc');
  });

  it('says once that the server is gone, and goes on with one on another port', async () => {
    const notices: string[] = [];
    const gone = createServer();
    gone.listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    const proxy = await proxyTo(port, {}, { onNotice: (sentence) => notices.push(sentence) });
    for (let attempt = 0; attempt < 3; attempt++) {
      const socket = await dial(proxy);
      await closeOf(socket);
    }
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(
      new RegExp(`127\\.0\\.0\\.1:${port} cannot be reached \\(connection refused\\)`),
    );
    await proxy.setUpstream({ host: '127.0.0.1', port: await echoServer() });
    await exchange(await dial(proxy), 'back');
    expect((await proxy.stats()).upstreamFailures).toBe(3);
  });

  it('refuses a port that is in use, by name', async () => {
    const port = await echoServer();
    await expect(proxyTo(port, {}, { listen: { host: '127.0.0.1', port } })).rejects.toThrow(
      expect.objectContaining({
        exitCode: 104,
        message: `Cannot listen on 127.0.0.1:${port}: the port is in use`,
      }),
    );
  });
});
