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
