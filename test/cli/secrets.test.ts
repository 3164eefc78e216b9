import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { runDyno, scratch } from '../fixtures/run-dyno.js';
import { startProgram } from '../fixtures/start-program.js';

const timeout = 60_000;
const telltale = fileURLToPath(new URL('../fixtures/servers/telltale.mjs', import.meta.url));
const folder = scratch();
afterAll(() => {
  folder.remove();
});

let made = 0;
/** A new one each time, so that a leak is known by its place. */
const secret = (place: string) => `sekret-${place}-${++made}q7`;

const everywhere = [
  ...['-n', '12', '-c', '2', '--no-tui', '--log-level', 'debug', '--pid', 'none'],
  ...[
    '-o',
    'json',
    '-o',
    'html',
    '-o',
    'csv',
    '-o',
    'junit',
    '-o',
    'markdown',
    '--threshold',
    'success_rate > 0.99',
  ],
];

/** Runs dyno in a folder of its own; all that it said and wrote, by place. */
async function traces(name: string, args: readonly string[], env: Record<string, string> = {}) {
  const cwd = folder.path;
  const runs = join(cwd, name);
  const ended = await runDyno(args, { cwd, env: { ...env, DYNO_RUN_DIR: runs } });
  const found = new Map([
    ['stdout', ended.out],
    ['stderr', ended.err],
  ]);
  for (const entry of readdirSync(cwd, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || given.has(path)) continue;
    const bytes = readFileSync(path);
    found.set(path, (entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1'));
  }
  return { code: ended.code, found, said: `${ended.out}${ended.err}` };
}

/** Files of the user, where secrets stand. */
const given = new Set<string>();
function file(name: string, content: unknown): string {
  const path = join(folder.path, name);
  given.add(path);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function expectNone(found: ReadonlyMap<string, string>): void {
  for (const [place, text] of found) {
    // In base64 too, as in the data of the HTML report.
    expect([place, /sekret-\w+-\d+q7/.exec(text)?.[0]]).toEqual([place, undefined]);
  }
}

/** Most calls fail; a busy machine may leave it undecided whose fault that was. */
const ranToItsEnd = [99, 112];

describe('of a server that gives away all it was told, no secret is in any output or file', () => {
  it(
    'over stdio: command line, environment, mcp.json and its inputs, arguments of tools',
    { timeout },
    async () => {
      const config = file('mcp.json', {
        inputs: [{ id: 'key', type: 'promptString', password: true }],
        servers: {
          tell: {
            command: process.execPath,
            args: [telltale, 'stdio', '--api-key', secret('mcpArgument'), `--token=${secret('mcpOption')}`],
            env: { DB_PASSWORD: secret('mcpEnv'), SOME_KEY: '${input:key}', PLAIN: '${env:OTHER_TOKEN}' },
          },
        },
      });
      const args = ['--tool', 'look', '--args', JSON.stringify({ password: secret('toolArgument') })];
      const env = { DYNO_INPUT_KEY: secret('input'), OTHER_TOKEN: secret('environment') };
      const { code, found, said } = await traces(
        'a',
        ['load', ...everywhere, '--mcp-config', config, ...args],
        env,
      );
      expect(ranToItsEnd, said).toContain(code);
      expect(found.size).toBeGreaterThan(6);
      // Its words are there, without the secrets in them.
      expect([...found.values()].some((text) => /no: .*redacted/.test(text))).toBe(true);
      expectNone(found);
    },
  );

  it('over stdio: --env, a config file and its arguments', { timeout }, async () => {
    const config = file('dyno.json', {
      tools: { look: { args: { password: secret('configArgument') } } },
      env: [`CONFIG_SECRET=${secret('configEnv')}`],
    });
    const target = ['--', process.execPath, telltale, 'stdio', `--password=${secret('argument')}`];
    const flags = ['--config', config, '--env', `API_KEY=${secret('env')}`];
    const { code, found, said } = await traces('b', ['load', ...everywhere, ...flags, ...target]);
    expect(ranToItsEnd, said).toContain(code);
    expectNone(found);
    for (const command of [['load', '--dry-run'], ['load', '--print-config'], ['tools']]) {
      const more = await traces('c', [...command, ...flags, ...target]);
      expect(more.code, more.said).toBe(0);
      expectNone(more.found);
    }
  });

  it('over HTTP: headers, query, token command', { timeout }, async () => {
    const server = await startProgram(process.execPath, [telltale, 'http']);
    const url = `${server.url}?api_key=${secret('query')}`;
    const flags = ['-H', `X-Api-Key: ${secret('header')}`, '-H', `Cookie: sid=${secret('cookie')}`];
    const command = ['--bearer-command', `echo ${secret('printed')}`];
    const { code, found, said } = await traces('d', ['load', ...everywhere, ...flags, ...command, url]);
    await server.stop();
    expect(ranToItsEnd, said).toContain(code);
    expectNone(found);
  });
});
