import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpPool } from './index.js';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(server: Server | HttpServer): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function pool(origin: string, options = {}): HttpPool {
  const made = new HttpPool({ origin, ...options });
  cleanups.push(() => made.close());
  return made;
}

const echo = () =>
  createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.stringify({
        url: request.url,
        text: Buffer.concat(parts).toString(),
        a: request.headers['x-a'],
      });
      if (request.url === '/chunked') response.write(body.slice(0, 5));
      response.end(request.url === '/chunked' ? body.slice(5) : body);
    });
  });

describe('HttpPool', () => {
  it('carries requests over kept-alive connections', async () => {
    const http = pool(await listen(echo()));
    for (const path of ['/plain', '/chunked', '/plain?q=1']) {
      const answer = await http.request({ method: 'POST', path, headers: { 'x-a': 'b' }, body: 'žluť' });
      expect(answer.status).toBe(200);
      expect(JSON.parse(await answer.text())).toEqual({ url: path, text: 'žluť', a: 'b' });
    }
    expect(http.connections).toBe(1);
  });

  it('lets requests beyond the connections wait', async () => {
    const http = pool(await listen(echo()), { maxConnections: 2 });
    const answers = await Promise.all(
      Array.from({ length: 9 }, async (_, i) => {
        const answer = await http.request({ method: 'POST', path: `/${i}`, headers: {}, body: '' });
        return (JSON.parse(await answer.text()) as { url: string }).url;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 9 }, (_, i) => `/${i}`));
    expect(http.connections).toBe(2);
  });

  it('reads a body in pieces and ends the exchange when the reader leaves', async () => {
    let closed = false;
    const server = createServer((_request, response) => {
      response.write('one');
      response.on('close', () => {
        closed = true;
      });
    });
    const http = pool(await listen(server));
    const answer = await http.request({ method: 'GET', path: '/', headers: {} });
    for await (const piece of answer.body()) {
      expect(piece.toString()).toBe('one');
      break;
    }
    await expect.poll(() => closed).toBe(true);
    expect(http.connections).toBe(0);
  });

  it('stops reading a body that nobody takes', async () => {
    let drained = 0;
    const server = createServer((_request, response) => {
      const chunk = Buffer.alloc(256 * 1024);
      const more = () => {
        while (drained < 400 && response.write(chunk)) drained++;
        if (drained++ < 400) response.once('drain', more);
        else response.end();
      };
      more();
    });
    const http = pool(await listen(server), { limits: { maxBodyBytes: 1e9 } });
    const answer = await http.request({ method: 'GET', path: '/', headers: {} });
    await new Promise((resolve) => setTimeout(resolve, 200));
    // 100 MB were offered; what is not read stays in the two socket buffers, a few MB.
    expect(drained).toBeLessThan(200);
    let size = 0;
    for await (const piece of answer.body()) size += piece.length;
    expect(size).toBeGreaterThan(50e6);
  });

  it.each([
    ['closes before the answer', (socket: Socket) => socket.destroy(), 'transport'],
    [
      'closes in the middle of it',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhe'),
      'transport',
    ],
    ['answers garbage', (socket: Socket) => socket.end('garbage\r\n\r\n'), 'parse'],
    [
      'answers with a huge head',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\n' + 'X: y\r\n'.repeat(20_000)),
      'parse',
    ],
    ['never answers', () => undefined, 'timeout'],
  ])('tells a server that %s', async (_name, behave, outcome) => {
    const server = createTcpServer((socket) => socket.once('data', () => behave(socket)));
    const http = pool(await listen(server));
    const call = async () => {
      const answer = await http.request({
        method: 'POST',
        path: '/',
        headers: {},
        body: '{}',
        timeoutMs: 150,
      });
      return await answer.text();
    };
    await expect(call()).rejects.toMatchObject({ name: 'HttpError', outcome });
    await expect.poll(() => http.connections).toBe(0);
  });

  it('says that nobody listens', async () => {
    const server = createTcpServer();
    const origin = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    cleanups.pop();
    await expect(pool(origin).request({ method: 'GET', path: '/', headers: {} })).rejects.toMatchObject({
      outcome: 'connect',
      message: 'connection refused',
    });
  });

  it('ends a call when its signal does, and the waiting ones with theirs', async () => {
    const http = pool(await listen(createTcpServer(() => undefined)), { maxConnections: 1 });
    const first = new AbortController();
    const second = new AbortController();
    const calls = [first, second].map((abort) =>
      http.request({ method: 'GET', path: '/', headers: {}, signal: abort.signal }),
    );
    const outcomes = Promise.allSettled(calls);
    second.abort(new Error('second'));
    first.abort(new Error('first'));
    expect((await outcomes).map((each) => (each as PromiseRejectedResult).reason as Error)).toEqual([
      new Error('first'),
      new Error('second'),
    ]);
  });

  it('does not smuggle line breaks through headers', async () => {
    const http = pool('http://127.0.0.1:9');
    await expect(http.request({ method: 'GET', path: '/', headers: { a: 'b\r\nc: d' } })).rejects.toThrow(
      /header 'a'/,
    );
  });
});
