import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  buildNearFreeServer,
  hasCompiler,
  startNearFreeServer,
  type NearFreeServer,
} from '../bench/near-free-server/near-free-server.js';

const compiler = hasCompiler();
const title = compiler ? 'the near-free server' : 'the near-free server (skipped: no C compiler `cc` here)';
const call = (id: string, tool = 'get_inventory', args = '{"item_id":"ITEM001"}') =>
  `{"method":"tools/call","params":{"name":"${tool}","arguments":${args}},"jsonrpc":"2.0","id":${id}}`;

let server: NearFreeServer | undefined;
async function start(...args: string[]) {
  server = await startNearFreeServer(args);
  return server;
}
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function post(body: string) {
  const answer = await fetch(server!.url, { method: 'POST', body, signal: AbortSignal.timeout(5000) });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

describe.skipIf(!compiler)(title, () => {
  it('echoes the id byte for byte wherever it stands, and nothing that only looks like it', async () => {
    await start();
    for (const id of ['1', '-7', '1.50', '"a\\"b\\u00e9"', '9007199254740993']) {
      expect((await post(call(id))).text).toContain(`"id":${id},`);
    }
    const nested = await post(
      '{"params":{"id":5,"arguments":{"message":"{\\"id\\":6}"},"name":"echo"}, "id" : "x" ,"method":"tools/call"}',
    );
    expect(JSON.parse(nested.text)).toEqual({
      jsonrpc: '2.0',
      id: 'x',
      result: { content: [{ type: 'text', text: '{"id":6}' }] },
    });
  });

  it('answers requests that come in one piece, or byte by byte, in order', async () => {
    const { port } = await start();
    const request = (id: number) =>
      `POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: ${call(String(id)).length}\r\n\r\n${call(String(id))}`;
    const bytes = [1, 2, 3].map(request).join('');
    const ids = async (pieces: string[]) => {
      const socket = connect(port, '127.0.0.1').setEncoding('utf8').setNoDelay();
      let text = '';
      const done = new Promise<void>((resolve) => {
        socket.on('data', (more: string) => {
          text += more;
          if (text.split('"result"').length === 4) resolve();
        });
      });
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise(setImmediate);
      }
      await done;
      socket.destroy();
      return [...text.matchAll(/"id":(\d)/g)].map((match) => match[1]);
    };
    expect(await ids([bytes])).toEqual(['1', '2', '3']);
    expect(await ids([...bytes])).toEqual(['1', '2', '3']);
  });

  it('makes each outcome exactly as often as its share says', async () => {
    const shares = 'http=5%,throttle=5%,garbage=5%,rpc=10%,tool=10%,schema=5%,wrong-id=5%,close=5%';
    await start('--structured', '--outcome-shares', shares);
    const seen: Record<string, number> = {};
    for (let i = 0; i < 200; i++) {
      const kind = await post(call(String(i))).then(
        ({ status, text }) => {
          if (status !== 200) return String(status);
          if (text.includes('nobody-sent')) return 'wrong-id';
          if (text.includes('"error"')) return 'rpc';
          if (text.includes('isError')) return 'tool';
          if (text.includes('"item_id":1}')) return 'schema';
          return text.includes('not JSON') ? 'garbage' : 'ok';
        },
        () => 'close',
      );
      seen[kind] = (seen[kind] ?? 0) + 1;
    }
    const counted = { garbage: 10, rpc: 20, tool: 20, schema: 10, 'wrong-id': 10, close: 10, ok: 100 };
    expect(seen).toEqual({ ...counted, 500: 10, 429: 10 });
    expect((await server!.stats()).outcomes).toEqual({ ...counted, http: 10, throttle: 10, hang: 0 });
  });

  it('counts its service times, and serves no more than its slots at once, in order', async () => {
    await start('--service-ms', '20', '--slots', '2', '--slow-share', '10%', '--slow-ms', '60');
    const order: number[] = [];
    await Promise.all(Array.from({ length: 10 }, (_, i) => post(call(String(i))).then(() => order.push(i))));
    const stats = await server!.stats();
    expect(stats.concurrency.inServiceMax).toBe(2);
    expect(stats.slow).toBe(1);
    expect(stats.service.count).toBe(10);
    // Sleeping can only overshoot; the median of ten overshoots by less than 2 ms even on a busy machine.
    expect(stats.service.minMs).toBeGreaterThanOrEqual(20);
    expect(stats.service.p50Ms).toBeLessThan(22);
    expect(stats.service.maxMs).toBeGreaterThanOrEqual(60);
    // The last of ten calls over two slots waited for at least four others.
    expect(stats.residence.maxMs).toBeGreaterThanOrEqual(100);
  });

  it('answers as events or in chunks when asked to', async () => {
    await start('--sse', '--chunked', '--id-last');
    const answer = await post(call('1'));
    expect(answer.type).toBe('text/event-stream');
    expect(answer.text).toMatch(/^event: message\ndata: \{"jsonrpc":"2.0","result":.*,"id":1\}\n\n$/);
  });

  it('speaks newline-delimited JSON on stdio, answering as calls come due', async () => {
    const child = spawn(buildNearFreeServer(), ['--stdio', '--service-ms', '5', '--slots', '4']);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
    for (let i = 0; i < 20; i++) child.stdin.write(`${call(String(i))}\n`);
    child.stdin.end('{"jsonrpc":"2.0","id":"s","method":"near-free/stats"}\n');
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    const answers = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: unknown });
    expect(answers).toHaveLength(21);
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(21);
  });

  it('stands still for as long as it was told to', async () => {
    await start('--stall-every', '0.3', '--stall-for', '0.2');
    const begun = performance.now();
    let longest = 0;
    while (performance.now() - begun < 700) {
      const sent = performance.now();
      await post(call('1'));
      longest = Math.max(longest, performance.now() - sent);
    }
    expect(longest).toBeGreaterThan(150);
    expect((await server!.stats()).stalls).toBeGreaterThanOrEqual(1);
  });

  it('refuses wrong options in one sentence', () => {
    for (const [args, sentence] of [
      [['--slots', 'many'], "Expected --slots to be a number from 1 to 1e+06, got 'many'"],
      [['--outcome-shares', 'http=120%'], 'Expected --outcome-shares'],
      [['--outcome-shares', 'nonsense=1%'], "has no outcome 'nonsense'"],
      [['--stdio', '--outcome-shares', 'http=1%'], "The outcome 'http' does not exist on stdio"],
      [['--stall-for', '1'], '--stall-every and --stall-for need each other'],
      [['--what'], "There is no option '--what'"],
    ] as const) {
      const result = spawnSync(buildNearFreeServer(), [...args], { encoding: 'utf8' });
      expect(result.status).toBe(104);
      expect(result.stderr).toContain(sentence);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  it('names the missing compiler', () => {
    const copy = mkdtempSync(join(tmpdir(), 'near-free-'));
    try {
      cpSync('bench/near-free-server', join(copy, 'near-free-server'), { recursive: true });
      const result = spawnSync(process.execPath, [join(copy, 'near-free-server/near-free-server.js')], {
        env: { ...process.env, CC: 'no-such-compiler' },
        encoding: 'utf8',
      });
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/needs a C compiler, and 'no-such-compiler' cannot be run .*install one/);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
