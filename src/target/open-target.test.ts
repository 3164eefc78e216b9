import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DynoError } from '../core/index.js';
import { connectTarget } from './connect-target.js';
import { openTarget, type OpenTarget } from './open-target.js';
import { isAlive } from './processes.fixture.js';
import type { TargetSpec } from './target-spec.js';

const opened: OpenTarget[] = [];
const open = async (spec: TargetSpec) => {
  const target = await openTarget(spec);
  opened.push(target);
  return target;
};
const shell = (script: string): TargetSpec => ({
  kind: 'stdio',
  command: 'sh',
  args: ['-c', script],
  env: {},
});

afterEach(async () => {
  const targets = opened.splice(0);
  await Promise.all(targets.map((target) => target.stop()));
  expect(targets.flatMap(({ child }) => child?.pids() ?? []).filter(isAlive)).toEqual([]);
});

describe('an open target', () => {
  it('is the bundled server in a process of its own, spoken to over HTTP', async () => {
    const target = await open({ kind: 'reference', transport: 'http', args: [] });
    expect(target.concrete).toMatchObject({
      kind: 'http',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\//) as string,
    });
    const connection = await connectTarget(target);
    expect((await connection.listTools()).map((tool) => tool.name)).toContain('get_inventory');
    await connection.close();
    expect(await target.resources()).toMatchObject({ kind: 'processes', pids: [target.child!.pid] });
    // As somebody else would find it, who only knows the URL.
    const { url } = target.concrete as { url: string };
    const other = await open({ kind: 'http', url, headers: {} });
    expect(await other.resources()).toEqual({ kind: 'processes', pids: [target.child!.pid] });
    expect(await target.stop()).toMatchObject({ how: 'sigterm', leftBehind: [], remaining: [] });
    expect(await other.resources()).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('listens on port') as string,
    });
  });

  it('is the bundled server over stdio', async () => {
    const target = await open({ kind: 'reference', transport: 'stdio', args: [] });
    const connection = await connectTarget(target);
    expect((await connection.listTools()).length).toBeGreaterThan(0);
    await connection.close();
    expect((await target.stop())?.how).toBe('graceful');
  });

  it('takes the word of whoever names a process', async () => {
    const target = await open({ kind: 'http', url: 'http://192.0.2.1/mcp', headers: {} });
    expect(await target.resources()).toEqual({ kind: 'none', reason: '192.0.2.1 is not this machine' });
    expect(await target.resources('none')).toEqual({ kind: 'none', reason: 'asked not to (--pid none)' });
    expect(await target.resources(process.pid)).toEqual({ kind: 'processes', pids: [process.pid] });
    expect(await target.resources(2 ** 30)).toEqual({
      kind: 'none',
      reason: `there is no process ${2 ** 30} (--pid)`,
    });
    expect(await target.stop()).toBeUndefined();
  });

  it('says so when the bundled server does not start', async () => {
    const error = await openTarget({ kind: 'reference', transport: 'http', args: ['--no-such-flag'] }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(DynoError);
    expect((error as DynoError).message).toMatch(
      /The reference server ended with exit code \d+ before it listened/,
    );
    expect((error as DynoError).hint).toMatch(/--no-such-flag/);
  });
});

describe('connecting to a bad server says what it did and what to do', () => {
  const failure = async (spec: TargetSpec): Promise<DynoError> => {
    const error: unknown = await connectTarget(await open(spec), { timeoutMs: 1500 }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(DynoError);
    expect((error as DynoError).exitCode).toBe(111);
    return error as DynoError;
  };

  it.each<[string, string, RegExp, RegExp]>([
    [
      'dies at once',
      'echo "\u001b[31mno config\u001b[0m" >&2; exit 3',
      /ended with exit code 3 before it answered/,
      /^Its last words on stderr: no config$/,
    ],
    ['dies without a word', 'exit 4', /ended with exit code 4/, /It wrote nothing to stderr/],
    ['is killed', 'kill -SEGV $$', /was ended by SIGSEGV/, /It wrote nothing/],
    ['says more than one line', 'printf "a\\nb\\n" >&2; exit 1', /exit code 1/, /on stderr:\n {8}a\n {8}b$/],
    [
      'never answers',
      'cat > /dev/null',
      /cannot be spoken to: no answer to initialize within/,
      /--start-timeout/,
    ],
    [
      'logs on stdout',
      'echo Listening on 3000; cat > /dev/null',
      /text where only JSON-RPC belongs: 'Listening on 3000'/,
      /logs belong on stderr/,
    ],
    ['closes its output', 'exec 1>&-; sleep 30', /the server closed its output/, /keep its output open/],
    [
      'answers with another id',
      'while read l; do echo \'{"jsonrpc":"2.0","id":999,"result":{}}\'; done',
      /answered with the id 999/,
      /id of its request/,
    ],
    ['prints its secrets', 'echo "token is $SECRET_TOKEN" >&2; exit 1', /exit code 1/, /token is «redacted»/],
  ])('%s', async (_what, script, message, hint) => {
    const spec = { ...shell(script), env: { SECRET_TOKEN: 'abcdefgh-secret' } } as TargetSpec;
    const error = await failure(spec);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it('nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await failure({ kind: 'http', url: `http://127.0.0.1:${port}/mcp`, headers: {} });
    expect(error.message).toMatch(/cannot be reached: connection refused/);
    expect(error.hint).toMatch(/Is the server running/);
  });

  it('a token cannot be had', async () => {
    const server = createServer((_request, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const auth = { kind: 'bearer-command', command: 'exit 9' } as const;
    const error = await failure({ kind: 'http', url: `http://127.0.0.1:${port}/mcp`, headers: {}, auth });
    server.close();
    expect(error.message).toBe('The bearer command failed with exit code 9');
  });
});
