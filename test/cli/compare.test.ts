import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult, TestResult } from '../../src/core/index.js';
import { runResult, testResult } from '../../src/report/run.fixture.js';
import { readRunFile, writeRunFile } from '../../src/store/index.js';
import { resultOf, runDyno, scratch, startDyno } from '../fixtures/run-dyno.js';
import { dynoHere } from './run-in-process.js';

const folder = scratch();
afterAll(() => {
  folder.remove();
});

const timeout = 90_000;
const options = { cwd: folder.path, limitMs: 85_000 };
const bin = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));
const server = (knobs = '') => `"${process.execPath}" "${bin}" serve --stdio ${knobs}`;
const short = ['--block', '100ms', '--warmup', '0', '-c', '2'];

describe('dyno compare on two start commands', () => {
  it('exits 113 when B is slower, with the comparison in one JSON document', { timeout }, async () => {
    const ended = await runDyno(
      [
        ...['compare', '--a', server(), '--b', server('--service-time 20ms'), '--json'],
        ...['--pairs', '6', '--max-pairs', '6', '--metric', 'latency.p50', ...short],
      ],
      options,
    );
    expect(ended.code, ended.err).toBe(113);
    const run = resultOf(ended);
    expect(run.verdict).toMatchObject({ status: 'fail', exitCode: 113 });
    expect(run.comparison).toMatchObject({ kind: 'paired', verdict: 'regression' });
    expect(run.comparison!.metrics).toHaveLength(1);
    expect(run.comparison!.metrics[0]!.ci95![0]).toBeGreaterThan(2);
    expect(run.tests[0]!.details!['pairs']).toHaveLength(6);
    expect(ended.left).toEqual([]);
  });

  it('says which of the two does not start: exit 111', { timeout }, async () => {
    const ended = await runDyno(['compare', '--a', server(), '--b', 'no-such-server --x'], options);
    expect(ended.code).toBe(111);
    expect(ended.said).toMatch(/dyno: B: .*no-such-server/);
    expect(ended.left).toEqual([]);
  });

  it('says which of the two dies in its blocks: exit 99', { timeout }, async () => {
    const ended = await runDyno(
      ['compare', '--a', server(), '--b', server('--die-after 6'), '--json', ...short],
      options,
    );
    expect(ended.code, ended.err).toBe(99);
    expect(resultOf(ended).verdict.sentence).toMatch(/^B \(.*\) failed in 3 of \d blocks: .*exit code 7/);
    expect(ended.left).toEqual([]);
  });

  it(
    'keeps the result when it is interrupted, and leaves nothing running: exit 105',
    { timeout },
    async () => {
      const runs = join(folder.path, 'interrupted');
      const dyno = startDyno(
        ['compare', '--a', server(), '--b', server(), '--run-dir', runs, '--block', '5s', '--no-tui'],
        options,
      );
      await dyno.until(/pair 1 of 10/);
      dyno.kill('SIGINT');
      const ended = await dyno.ended;
      expect(ended.code).toBe(105);
      expect(ended.out).toMatch(/Stopped before its\s+end/);
      const [id] = readdirSync(runs).filter((name) => /^\d{4}-/.test(name));
      expect((await readRunFile(join(runs, id!, 'run.json.gz'))).comparison).toMatchObject({
        kind: 'paired',
      });
      expect(ended.left).toEqual([]);
    },
  );

  it('says which of the two has a tool that only one has: exit 104', { timeout }, async () => {
    const listed = ['tools', '--json', '--', process.execPath, bin, 'serve', '--stdio', '--catalogue', '1'];
    const { tools } = JSON.parse((await runDyno(listed, options)).out) as { tools: { name: string }[] };
    const own =
      /^(get_inventory|stock_level|search_items|list_warehouses|slow_report|reserve_item|delete_item|dyno_.*)$/;
    const { name } = tools.find((tool) => !own.test(tool.name))!;
    const sides = ['compare', '--a', server('--catalogue 1'), '--b', server()];
    const ended = await runDyno([...sides, '--tool', name], options);
    expect(ended.code, ended.err).toBe(104);
    expect(ended.said).toContain(`Only A has the tool '${name}'`);
    expect(ended.left).toEqual([]);
  });
});

describe('what cannot be compared', () => {
  const runs = join(folder.path, 'runs');
  const idOf = (day: number) => `2026-11-${day}T23-10-05Z-8f3a`;
  const stored = (day: number, part: Partial<RunResult> = {}) =>
    writeRunFile(
      runs,
      runResult({ id: idOf(day), startedAt: `2026-11-${day}T23:10:05.000Z`, tests: [judgeable(1)], ...part }),
    );
  beforeAll(async () => {
    await stored(20);
    await stored(21);
    await stored(22, { tests: [judgeable(2)] });
    await stored(23, { tests: [testResult({ metrics: {}, operations: {} })] });
    const damaged = await stored(24);
    writeFileSync(damaged, 'not a run');
    writeFileSync(join(folder.path, 'other.json'), '{"schema":"dyno.run/9"}');
  });
  const here = (...args: string[]) => dynoHere(['compare', ...args, '--run-dir', runs], { cwd: folder.path });

  it('two stored runs: the same is 0, worse is 113, and nothing is stored anew', async () => {
    const before = readdirSync(runs);
    const same = await here(idOf(20), idOf(21), '--json');
    expect(same.code, same.stderr).toBe(0);
    const worse = await here('--a', idOf(20), '--b', idOf(22));
    expect(worse.code).toBe(113);
    expect(worse.stdout).toMatch(/FAIL {2}Worse than run 2026-11-20/);
    expect(worse.stdout).toMatch(/✗ +latency\.p50 +0\.9 ms +1\.8 ms +\+100 %/);
    expect(readdirSync(runs)).toEqual(before);
  });

  it('writes a comparison of stored runs in the formats asked for', async () => {
    const out = (format: string) => `${format}=${join(folder.path, `compared.${format}`)}`;
    const ended = await here(
      idOf(20),
      idOf(22),
      '-o',
      out('html'),
      '-o',
      out('junit'),
      '-o',
      out('markdown'),
    );
    expect(ended.code).toBe(113);
    expect(readdirSync(folder.path)).toEqual(
      expect.arrayContaining(['compared.html', 'compared.junit', 'compared.markdown']),
    );
  });

  it.each<[string, string[], RegExp]>([
    ['one side', ['--a', 'node x.js'], /--a needs --b: there is nothing to compare it with/],
    ['one word', ['latest'], /dyno compare needs two sides, got 1/],
    ['no word', [], /needs two sides, got 0/],
    ['a word too many', ['--a', 'node', '--b', 'node', 'x.js'], /there is 'x\.js' too/],
    [
      'a run and a server',
      ['--a', 'latest', '--b', 'node x.js'],
      /A stored run \(latest\) cannot be compared with a server/,
    ],
    ['a run that is not there', ['2026-01-01T00-00-00Z-0000', idOf(20)], /There is no run '2026-01-01/],
    ['a word that is no run', ['server.js', idOf(20)], /no run 'server\.js'.*--a 'COMMAND'/s],
    ['a damaged run', [idOf(24), idOf(20)], /run file .* is damaged/],
    [
      'a run of another version',
      ['other.json', idOf(20)],
      /is no run of this version: expected dyno\.run\/1/,
    ],
    ['a base without calls', [idOf(23), idOf(20)], /made no calls: nothing can be compared with it/],
    ['a run without calls', [idOf(20), idOf(23)], /made no calls: nothing can be compared with it/],
    [
      'a metric that is none',
      ['--a', 'x', '--b', 'y', '--metric', 'latency.p51'],
      /'latency\.p51' is no metric.*latency\.p50/s,
    ],
    [
      'fewer pairs at most than at least',
      ['--a', 'x', '--b', 'y', '--pairs', '20', '--max-pairs', '10'],
      /--max-pairs 10 is less than --pairs 20/,
    ],
    [
      'a tolerance beyond everything',
      ['--a', 'x', '--b', 'y', '--tolerance', '300%'],
      /--tolerance to be a share such as 5%/,
    ],
    [
      'a shell command',
      ['--a', 'cd x && node y', '--b', 'node y'],
      /--a has '&' in it, which only a shell understands/,
    ],
    ['a start command after --', ['--', 'node', 'x'], /takes no start command after --/],
  ])('%s', async (_, args, sentence) => {
    const ended = await dynoHere(['compare', '--run-dir', runs, ...args], { cwd: folder.path });
    expect(ended.code).toBe(104);
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stdout).toBe('');
  });
});

/** A test whose values have intervals; `scale` times as slow. */
function judgeable(scale: number): TestResult {
  const test = testResult();
  for (const [name, metric] of Object.entries(test.metrics)) {
    if (metric.value === null || !/^(latency\.p|throughput|success_rate)/.test(name)) continue;
    const value =
      name === 'throughput' ? metric.value / scale : metric.value * (name === 'success_rate' ? 1 : scale);
    test.metrics[name] = { ...metric, value, ci95: [value * 0.999, value * 1.001] };
  }
  return test;
}

describe('dyno test --baseline', () => {
  const baseline = (name: string, text: string) => {
    writeFileSync(join(folder.path, `${name}.json`), text);
  };
  beforeAll(() => {
    baseline('old', '{"schema":"dyno.baseline/0"}');
    baseline('torn', '{"schema":"dyno.basel');
    baseline(
      'empty',
      '{"schema":"dyno.baseline/1","environment":{},"target":{},"tests":{"x":{"operations":[],"metrics":{}}}}',
    );
  });

  it.each([
    ['old', /is no baseline of this version: expected dyno\.baseline\/1, its schema is 'dyno\.baseline\/0'/],
    ['torn', /torn\.json is damaged/],
    ['empty', /empty\.json has no samples: nothing can be compared with it/],
    ['olf', /There is no baseline 'olf'.*Did you mean 'old'/s],
  ])('says what is wrong with the baseline %s before it starts anything', async (name, sentence) => {
    const args = ['test', '--baseline', name, '--baseline-dir', '.', '--', 'no-such-server'];
    const ended = await dynoHere(args, { cwd: folder.path });
    expect(ended.code).toBe(104);
    expect(ended.stderr).toMatch(sentence);
  });

  it('exits 113 on a regression, and shows what became worse', { timeout }, async () => {
    const load = ['load', '-n', '300', '-c', '1', '--no-tui'];
    const stdio = (knobs: string[]) => ['--', process.execPath, bin, 'serve', '--stdio', ...knobs];
    const first = await runDyno([...load, ...stdio(['--service-time', '1ms'])], options);
    expect(first.code, first.err).toBe(0);
    expect((await runDyno(['baseline', 'save', 'main'], options)).code).toBe(0);
    const again = await runDyno(
      [...load, '--baseline', 'main', '--json', ...stdio(['--service-time', '30ms'])],
      options,
    );
    expect(again.code, again.err).toBe(113);
    const run = resultOf(again);
    expect(run.verdict.sentence).toMatch(/^Worse than baseline main: load latency\.p/);
    expect(run.comparison).toMatchObject({ kind: 'stored', base: 'baseline main', verdict: 'regression' });
  });
});
