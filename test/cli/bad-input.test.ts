import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/core/index.js';
import { readRunFile, runFileName } from '../../src/store/index.js';
import { badStdio, startBadHttp } from '../fixtures/bad-servers.js';
import { runDyno, scratch, type Ended } from '../fixtures/run-dyno.js';

const folder = scratch();
afterAll(() => {
  folder.remove();
});

const timeout = 90_000;
/** A few calls. A run that hangs is ended by `runDyno` and has no exit code then. */
const loadWithin = (start: string, call: string, all: string): string[] =>
  `load -n 4 -c 2 --start-timeout ${start} -T ${call} -d ${all} --graceful-stop 500ms --no-tui --pid none`.split(
    ' ',
  );
/** With time for a busy machine. */
const load = loadWithin('20s', '10s', '20s');
/** What never answers, or not what was asked for, has to be waited for; so the limits are short there. */
const never = new Set(['deaf', 'silent', 'garbage', 'half-line', 'wrong-id', 'endless', 'sse-endless']);
const loadOn = (mode: string, ...rest: string[]): string[] => {
  if (!never.has(mode)) return load;
  return rest[0] === '*' ? loadWithin('3s', '10s', '20s') : loadWithin('20s', '700ms', '4s');
};
let folders = 0;

interface Attempt extends Ended {
  /** The run files that were written. */
  kept: RunResult[];
}

/** `dyno COMMAND` with its target, and the run files that it left. */
async function attempt(args: readonly string[], target: readonly string[]): Promise<Attempt> {
  const runs = join(folder.path, String(++folders));
  const env = { DYNO_RUN_DIR: runs };
  const ended = await runDyno([...args, ...target], { cwd: folder.path, env });
  let files: string[] = [];
  try {
    files = readdirSync(runs)
      .filter((name) => /^\d{4}-/.test(name))
      .map((id) => join(runs, id, runFileName));
  } catch {
    // There is no folder where there was nothing to keep.
  }
  return { ...ended, kept: await Promise.all(files.map(readRunFile)) };
}

type Mode = [mode: string, ...rest: string[]];

function viaStdio(args: readonly string[], [mode, ...rest]: Mode): Promise<Attempt> {
  const { command, args: words } = badStdio(mode, ...rest);
  return attempt(args, ['--', command, ...words]);
}

async function viaHttp(args: readonly string[], [mode, ...rest]: Mode): Promise<Attempt> {
  const server = await startBadHttp(mode, ...rest);
  try {
    return await attempt(args, [server.url]);
  } finally {
    await server.stop();
  }
}

/** What holds for every bad input: it ends by itself, tidily, and speaks to people. */
function expectTidy({ signal, said, out, left }: Attempt): void {
  expect(signal).toBeNull();
  expect(left).toEqual([]);
  expect(`${said}${out}`).not.toMatch(/internal error|node:internal|\.js:\d+:\d+/);
}

/** One sentence after `dyno:`, the exit code, and nothing on stdout. */
function expectRefused(ended: Attempt, code: number, sentence: RegExp): void {
  expectTidy(ended);
  expect(ended.said).toMatch(sentence);
  expect(ended.said.match(/dyno: /g)).toHaveLength(1);
  expect(ended.out).toBe('');
  expect(ended.code).toBe(code);
}

describe('what the user gets wrong', () => {
  it.concurrent.each<[string, readonly string[], RegExp]>([
    ['an unknown tool', ['--tool', 'get_inventori'], /no tool 'get_inventori'.*get_inventory/],
    ['arguments that are no JSON', ['--tool', 'echo', '--args', '{"message":'], /--args to be JSON/],
    [
      'arguments that do not fit',
      ['--tool', 'echo', '--args', '{"mess":1}'],
      /message is missing.*dyno tools/,
    ],
    ['arguments that are not there', ['--tool', 'echo', '--args', '@none.json'], /none\.json/],
  ])('load: %s', { timeout }, async (_, args, sentence) => {
    expectRefused(await viaStdio([...load, ...args], ['honest']), 104, sentence);
  });
});

describe('what the user gets wrong', () => {
  it.concurrent.each<[string, readonly string[], RegExp]>([
    ['an unknown tool', ['ecco'], /no tool 'ecco'.*echo/],
    ['arguments that are no JSON', ['echo', '{"message":'], /arguments to be JSON/],
  ])('call: %s', { timeout }, async (_, args, sentence) => {
    expectRefused(await viaStdio(['call', ...args], ['honest']), 104, sentence);
  });

  it.concurrent.each<[string, readonly string[], number, RegExp]>([
    ['a wrong scheme', ['ftp://127.0.0.1/'], 104, /'ftp:\/\/127.0.0.1\/' to begin with http/],
    ['no URL', ['127.0.0.1'], 104, /'127.0.0.1'.*A target is a URL such as/],
    ['an impossible port', ['http://127.0.0.1:99999/mcp'], 104, /port to be at most 65535/],
    ['a refused port', ['http://127.0.0.1:1/mcp'], 111, /cannot be reached: connection refused.*running/],
    ['a host that is nowhere', ['http://no-such-host.invalid/mcp'], 111, /'no-such-host.invalid' cannot/],
    ['no such program', ['--', '/no/such/program'], 111, /no program '\/no\/such\/program'.*path/],
    ['a folder', ['--', '/tmp'], 111, /'\/tmp' is a folder/],
    [
      'a token command that fails',
      ['--bearer-command', 'echo no login >&2; exit 3', 'http://127.0.0.1:1/mcp'],
      111,
      /bearer command failed with exit code 3.*no login/,
    ],
    [
      'a token command that hangs',
      ['--bearer-command', 'sleep 60', '--start-timeout', '700ms', 'http://127.0.0.1:1/mcp'],
      111,
      /bearer command printed no token within 700 ms.*by hand/,
    ],
    ['a flag with a slip', ['--durration', '1s'], 104, /'--durration' is no option.*'--duration'/],
  ])('target: %s', { timeout }, async (_, target, code, sentence) => {
    expectRefused(await attempt(['load', '-n', '1'], target), code, sentence);
  });
});

describe('a server that cannot be spoken to', () => {
  it.concurrent.each<[mode: string, sentence: RegExp]>([
    ['dies-at-once', /ended with exit code 3 before it answered.*cannot find the configuration file/],
    ['dies-silently', /ended with exit code 0 before it answered.*by hand/],
    ['deaf', /no answer to initialize within \d\d+ ms.*--start-timeout/],
    ['garbage', /'this is \{not JSON'.*logs belong on stderr/],
    ['endless', /longer than \d+ bytes|before it answered|no answer/],
    ['wrong-id', /answered with the id "nobody-sent-this-id"/],
    ['refuse', /not today/],
    ['endless-pages', /tools\/list does not end/],
    ['close', /before it answered|closed its output/],
  ])('stdio: %s', { timeout }, async (mode, sentence) => {
    expectRefused(await viaStdio(loadOn(mode, '*'), [mode, '*']), 111, sentence);
  });

  it.concurrent.each<[mode: string, sentence: RegExp]>([
    ['silent', /no answer to initialize.*--start-timeout/],
    ['garbage', /no JSON.*path of the URL/],
    ['empty', /HTTP 200 and an empty body.*path of the URL/],
    ['not-http', /not HTTP/],
    ['401', /HTTP 401.*--bearer/],
    ['500', /HTTP 500.*its own log/],
    ['429', /HTTP 429.*limits how often/],
    ['redirect', /HTTP 307.*elsewhere/],
    ['half-close', /closed in the middle of an answer.*see its log/],
    ['endless', /larger than \d+ bytes|no answer/],
    ['wrong-id', /answered with the id "nobody-sent-this-id"/],
    ['dies-after', /closed before the answer.*see its log/],
  ])('http: %s', { timeout }, async (mode, sentence) => {
    expectRefused(await viaHttp(loadOn(mode, '*'), [mode, '*', '3']), 111, sentence);
  });

  it('says so for `tools` as well', { timeout }, async () => {
    expectRefused(await viaStdio(['tools'], ['endless-pages', '*']), 111, /tools\/list does not end/);
  });
});

/** A load that ran and came to no good: a verdict on stdout, and a run file with what was found. */
function expectFailed(ended: Attempt, why: RegExp): void {
  expectTidy(ended);
  expect(ended.kept).toHaveLength(1);
  const [run] = ended.kept;
  expect(run!.verdict.sentence).toMatch(why);
  expect(run!.tests[0]!.metrics['calls.failed']!.value).toBeGreaterThan(0);
  expect(ended.out).toMatch(/^(FAIL|ERROR) /);
  expect(ended.code).toBe(99);
}

describe('a server whose calls all go wrong does not pass by what else it answers', () => {
  it.concurrent.each<[mode: string, why: RegExp]>([
    ['silent', /none of 4 calls.*timeout: no answer/],
    ['garbage', /none of 4 calls.*(timeout|parse)/],
    ['half-line', /none of 4 calls.*timeout/],
    ['wrong-id', /none of 4 calls.*mismatch/],
  ])('stdio: %s', { timeout }, async (mode, why) => {
    expectFailed(await viaStdio(loadOn(mode), [mode]), why);
  });

  it.concurrent.each<[mode: string, why: RegExp]>([
    ['silent', /none of 4 calls.*timeout/],
    ['empty', /none of 4 calls.*parse.*empty/],
    ['500', /none of 4 calls.*HTTP 500/],
    ['half-close', /none of 4 calls.*transport/],
    ['sse-endless', /none of 4 calls.*timeout/],
  ])('http: %s', { timeout }, async (mode, why) => {
    expectFailed(await viaHttp(loadOn(mode), [mode]), why);
  });

  it('stdio: a server that dies in the middle of a call is quoted', { timeout }, async () => {
    const ended = await viaStdio(load, ['dies-after', 'tools/call', '4']);
    expectFailed(ended, /the target ended in the middle of the test/);
    expect(ended.out.replace(/\s+/g, ' ')).toContain('panic: the inventory is gone');
  });
});

describe('what does no harm', () => {
  it.concurrent.each(['logs', 'duplicate-id'])('stdio: %s', { timeout }, async (mode) => {
    const ended = await viaStdio(load, [mode]);
    expectTidy(ended);
    expect(ended.code).toBe(0);
    expect(ended.kept[0]!.tests[0]!.metrics['calls.ok']!.value).toBe(4);
  });

  it('stdio: a server that leaves a process behind has harmed the machine', { timeout }, async () => {
    const ended = await viaStdio(load, ['ignores-stop']);
    expectTidy(ended);
    expect(ended.code).toBe(99);
    expect(ended.kept[0]!.tests[0]!.metrics['calls.ok']!.value).toBe(4);
    expect(ended.kept[0]!.tests[0]!.notes.join(' ')).toMatch(
      /outlived the target, and was ended with SIGKILL/,
    );
  });
});
