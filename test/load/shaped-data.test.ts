import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/core/run-result.js';
import { dyno } from '../cli/run-dyno.js';
import { startProgram, type ListeningProgram } from '../fixtures/start-program.js';

const script = fileURLToPath(new URL('../fixtures/argument-server.py', import.meta.url));
const hasPython = spawnSync('python3', ['--version'], { stdio: 'ignore' }).status === 0;
const missing = hasPython ? '' : ' (python3 is not installed)';
const python = (...args: string[]) => ['--', 'python3', script, ...args];

let server: ListeningProgram | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function load(...args: string[]) {
  const target = args.includes('--') ? args.indexOf('--') : args.length;
  const flags = ['load', '--json', '--quiet', '--pid', 'none', '-c', '2', '-w', '1'];
  const ran = await dyno([...flags, ...args.slice(0, target), ...args.slice(target)]);
  const run = ran.stdout === '' ? undefined : (JSON.parse(ran.stdout) as RunResult);
  const test = run?.tests[0];
  return { ...ran, run, test, value: (name: string) => test?.metrics[name]?.value };
}

describe.skipIf(!hasPython)(`a load on a server that shares no code with dyno${missing}`, () => {
  it('counts refusals of invalid data as ok', async () => {
    const { code, test, value } = await load('--data', 'invalid', '-n', '60', ...python());
    expect(code).toBe(0);
    expect(value('calls.refused')).toBe(60);
    expect(value('calls.ok')).toBe(60);
    expect(test?.failures).toEqual([]);
  });

  it('names what the server accepts, and how often', async () => {
    const { code, test, value } = await load(
      '--data',
      'invalid',
      '-n',
      '200',
      ...python('--on-invalid', 'accept'),
    );
    expect(code).toBe(99);
    expect(value('calls.accepted_invalid')).toBe(200);
    const above = test!.failures.find(({ message }) =>
      message.endsWith('quote_stay, nights above maximum 30'),
    );
    expect(above).toMatchObject({
      class: 'mismatch',
      message: 'accepts invalid arguments: quote_stay, nights above maximum 30',
    });
    expect(test!.failures.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    expect(test!.failures.length).toBeGreaterThan(20);
  });

  it('names what a server crashed on', async () => {
    const { code, run, test } = await load(
      '--data',
      'invalid',
      '-n',
      '20',
      ...python('--on-invalid', 'crash'),
    );
    expect(code).toBe(99);
    expect(run?.tests[0]?.status).toBe('error');
    expect(test!.failures[0]!.message).toMatch(/^the server ended with exit code 3: quote_stay, /);
  });

  it('names what a server never answered', async () => {
    const { test } = await load(
      '--data',
      'invalid',
      '-n',
      '4',
      '-T',
      '700ms',
      ...python('--on-invalid', 'hang'),
    );
    expect(test!.failures[0]).toMatchObject({ class: 'timeout' });
    expect(test!.failures[0]!.message).toMatch(/^no answer after \d+ ms: quote_stay, /);
  });

  it('sends every valid shape, and none that the server refuses', async () => {
    const { code, run, value } = await load(
      '--data',
      'mixed',
      '--data-size',
      '20kB',
      '-n',
      '60',
      ...python(),
    );
    expect(code).toBe(0);
    expect(value('calls.ok')).toBe(60);
    const [operation] = run!.plan['operations'] as [{ sets: number; arguments: unknown[] }];
    expect(operation.sets).toBeGreaterThan(20);
    // What is sent may be large; what tells of it is not.
    expect(JSON.stringify(run!.plan).length).toBeLessThan(20_000);
  });

  it.each([
    ['over HTTP', true, /does not take 300000 bytes of arguments for quote_stay: .*HTTP 413/],
    ['over stdio', false, /does not take 300000 bytes of arguments for quote_stay: .*(ended|closed)/],
  ])('says what size it tried and what the server answered %s', async (_, http, words) => {
    const limit = ['--max-line', '200000'];
    if (http) server = await startProgram('python3', [script, '--http', ...limit]);
    const target = server === undefined ? python(...limit) : [server.url];
    const args = ['--args', '{"guest":"Ann","nights":2,"extras":["a long one"]}', '--tool', 'quote_stay'];
    const { code, stderr } = await load('--data', 'large', '--data-size', '300kB', ...args, ...target);
    expect(stderr).toMatch(words);
    expect(stderr).toContain('--data-size');
    expect(code).toBe(104);
  });
});

describe('the bundled server', () => {
  it('is loaded with unicode where a tool has texts; another is named and keeps its plain arguments', async () => {
    const { code, run, test } = await load('--data', 'unicode', '-n', '40');
    expect(code).toBe(0);
    expect(test!.failures).toEqual([]);
    expect(run!.warnings.join('\n')).toContain(
      'list_warehouses has no unicode data (unicode: its schema has no text); its plain arguments are used',
    );
  });
});

it.each([
  [['--data', 'unicod'], /Expected --data to be one of small, large, .*Did you mean 'unicode'/s],
  [['--data-size', '1MB'], /--data-size means nothing without --data/],
  [
    ['--data', 'large', '--data-size', '1GB'],
    /Expected --data-size to be a size from 100B to 50MB, got '1GB'/,
  ],
  [['--data', 'large', '--replay', 'x.jsonl'], /--replay and --data contradict each other/],
])('refuses %j', async (args, words) => {
  const { code, stderr } = await load(...args);
  expect(stderr).toMatch(words);
  expect(code).toBe(104);
});

it('leaves the tests of the suite their arguments', async () => {
  const { code, stderr } = await dyno(['test', '--data', 'invalid']);
  expect(code).toBe(104);
  expect(stderr).toContain('dyno test --only invalid-data');
});
