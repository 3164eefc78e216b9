import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult, ThresholdResult } from '../core/index.js';
import { runResult, testResult } from '../report/run.fixture.js';
import {
  alertRun,
  alertUnreachable,
  annotations,
  appendStepSummary,
  causesOf,
  shellCommand,
  webhook,
  type AlertingOptions,
  type Channel,
} from './index.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dyno-alert-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const limit = (observed: number, metric = 'latency.p95'): ThresholdResult => ({
  name: `${metric} < 200ms`,
  metric,
  op: '<',
  limit: 200,
  unit: 'ms',
  observed,
  status: observed < 200 ? 'pass' : 'fail',
});
function runWith(thresholds: ThresholdResult[], part: Partial<RunResult> = {}): RunResult {
  const failed = thresholds.some(({ status }) => status === 'fail');
  return runResult({
    tests: [testResult({ id: 'load', status: failed ? 'fail' : 'pass', thresholds })],
    verdict: {
      status: failed ? 'fail' : 'pass',
      exitCode: failed ? 99 : 0,
      sentence: failed ? 'A limit was broken.' : 'All passed.',
      exercised: 'echo',
    },
    ...part,
  });
}
const withoutComparison = (run: RunResult): RunResult => {
  const rest = { ...run };
  delete rest.comparison;
  return rest;
};

describe('the causes of a failure', () => {
  it('have the same key whatever the numbers are, and say them in a sentence', () => {
    const [first] = causesOf(withoutComparison(runWith([limit(250)])));
    const [second] = causesOf(withoutComparison(runWith([limit(999)])));
    expect(first).toEqual({
      key: 'threshold|load|latency.p95||above',
      kind: 'failure',
      test: 'load',
      sentence: 'load: latency.p95 250 ms, limit < 200 ms',
    });
    expect(second!.key).toBe(first!.key);
    const reason = (text: string) =>
      causesOf(
        withoutComparison(
          runResult({ tests: [testResult({ id: 'a', status: 'error', reason: text, thresholds: [] })] }),
        ),
      )[0]!.key;
    expect(reason('ended after 1,200 ms')).toBe(reason('ended after 3.5 ms'));
  });

  it('are none for a run that passed or is undecided, and one for each metric that got worse', () => {
    expect(causesOf(withoutComparison(runWith([limit(100)])))).toEqual([]);
    const undecided = testResult({
      status: 'inconclusive',
      thresholds: [{ ...limit(300), status: 'inconclusive' }],
    });
    expect(causesOf(withoutComparison(runResult({ tests: [undecided] })))).toEqual([]);
    const compared = { unit: 'ms', base: 1, now: 1.4, ci95: [1.3, 1.5] as [number, number], delta: 0.05 };
    const run = runResult({
      tests: [],
      comparison: {
        kind: 'stored',
        base: 'main',
        now: 'this run',
        verdict: 'regression',
        sentence: '',
        warnings: [],
        metrics: [
          { ...compared, metric: 'latency.p99', test: 'load', ratio: 1.4, verdict: 'regression' },
          { ...compared, metric: 'latency.p50', test: 'load', ratio: 1, verdict: 'equivalent' },
        ],
      },
    });
    expect(causesOf(run)).toMatchObject([
      {
        kind: 'regression',
        key: 'regression|main|load|latency.p99',
        sentence: 'load: latency.p99 +40 % (+30 … +50) against main',
      },
    ]);
  });
});

describe('alerts', () => {
  let heard: string[][];
  let problems: string[];
  let broken: boolean;
  const channel: Channel = {
    id: 'test-1',
    name: 'the test',
    send: (alert) => {
      if (broken) return Promise.reject(new Error('nobody listens'));
      heard.push(alert.causes.map(({ key }) => key.split('|').slice(2, 3).join()));
      return Promise.resolve();
    },
  };
  const options = (part: Partial<AlertingOptions> = {}): AlertingOptions => ({
    channels: [channel],
    folder: join(folder, 'alerts'),
    target: 'http://127.0.0.1/mcp',
    now: () => new Date('2026-11-23T00:00:00Z'),
    onProblem: (sentence) => problems.push(sentence),
    ...part,
  });
  const tell = (thresholds: ThresholdResult[], part?: Partial<AlertingOptions>) =>
    alertRun(withoutComparison(runWith(thresholds)), options(part));
  beforeEach(() => {
    heard = [];
    problems = [];
    broken = false;
  });

  it('tell each cause once, until it was over and comes back', async () => {
    await tell([limit(250)]);
    await tell([limit(260)]);
    expect(heard).toEqual([['latency.p95']]);
    await tell([limit(260), limit(900, 'latency.p99')]);
    expect(heard).toEqual([['latency.p95'], ['latency.p99']]);
    await tell([limit(100), limit(900, 'latency.p99')]);
    await tell([limit(250), limit(900, 'latency.p99')]);
    expect(heard.slice(2)).toEqual([['latency.p95']]);
  });

  it('tell another target and another receiver on their own', async () => {
    await tell([limit(250)]);
    await tell([limit(250)], { target: 'http://127.0.0.1:81/mcp' });
    await tell([limit(250)], { channels: [channel, { ...channel, id: 'test-2' }] });
    expect(heard).toHaveLength(3);
  });

  it('tell once of two runs that end at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => tell([limit(250)])));
    expect(heard).toEqual([['latency.p95']]);
  });

  it('are told again by the next run where nobody heard, and say so', async () => {
    broken = true;
    await tell([limit(250)]);
    expect(problems).toEqual(['No alert reached the test: nobody listens. The next run tries again.']);
    broken = false;
    await tell([limit(250)]);
    expect(heard).toEqual([['latency.p95']]);
  });

  it('are kept by a stopped run, by a skipped test, and by a memory that is damaged only where it is', async () => {
    await tell([limit(250)]);
    const stopped = withoutComparison(runWith([limit(900, 'latency.p99')]));
    await alertRun({ ...stopped, verdict: { ...stopped.verdict, exitCode: 105 } }, options());
    await alertRun(
      withoutComparison(
        runResult({ tests: [testResult({ id: 'load', status: 'skipped', thresholds: [] })] }),
      ),
      options(),
    );
    await tell([limit(250)]);
    expect(heard).toHaveLength(1);
    const [file] = await readdir(join(folder, 'alerts'));
    await writeFile(join(folder, 'alerts', file!), '{"half');
    await tell([limit(250)]);
    expect(heard).toHaveLength(2);
  });

  it('are told where they cannot be remembered', async () => {
    await writeFile(join(folder, 'alerts'), 'no folder');
    await tell([limit(250)]);
    expect(heard).toHaveLength(1);
    expect(problems).toMatchObject([expect.stringContaining('What was told cannot be remembered')]);
  });

  it('tell once that a target cannot be reached, until a run reached it', async () => {
    await alertUnreachable('connection refused', options());
    await alertUnreachable('connection refused', options());
    expect(heard).toHaveLength(1);
    await tell([limit(1)]);
    await alertUnreachable('connection refused', options());
    expect(heard).toHaveLength(2);
  });
});

describe('a webhook', () => {
  let asked: { headers: IncomingHttpHeaders; body: string }[];
  let answer: (response: ServerResponse) => void;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      asked.push({ headers: request.headers, body });
      answer(response);
    });
  });
  let url = '';
  beforeEach(async () => {
    asked = [];
    answer = (response) => response.end('ok');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-path`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const run = withoutComparison(runWith([limit(250)]));
  const options = (problems: string[], part = {}): AlertingOptions => ({
    channels: [webhook(url, { timeoutMs: 200, pauseMs: 5, ...part })],
    folder: join(folder, 'alerts'),
    target: 'x',
    now: () => new Date(),
    onProblem: (sentence) => problems.push(sentence),
  });

  it('gets JSON with a text that chats show', async () => {
    await alertRun(run, options([]));
    expect(asked[0]!.headers['content-type']).toBe('application/json');
    expect(JSON.parse(asked[0]!.body)).toMatchObject({
      schema: 'dyno.alert/1',
      text: expect.stringMatching(
        /A limit was broken\.\n✗ load: latency.p95 250 ms, limit < 200 ms\nrun /,
      ) as string,
      run: { id: run.id },
      verdict: { exitCode: 99 },
      causes: [{ kind: 'failure', test: 'load' }],
    });
  });

  it('is tried once more, and named without its path when it refuses', async () => {
    const problems: string[] = [];
    answer = (response) => response.writeHead(asked.length === 1 ? 503 : 200).end();
    await alertRun(run, options(problems));
    expect([asked.length, problems]).toEqual([2, []]);
    answer = (response) => response.writeHead(404).end();
    await alertRun(run, { ...options(problems), target: 'y' });
    expect(problems).toMatchObject([
      expect.stringMatching(/^No alert reached the webhook at 127[^/]*: it answered 404\. /),
    ]);
  });

  it('that hangs is left after its time', async () => {
    const problems: string[] = [];
    answer = () => undefined;
    await alertRun(run, options(problems, { timeoutMs: 60 }));
    expect(problems).toMatchObject([expect.stringContaining('it did not answer within 60 ms')]);
  });
});

describe('a command', () => {
  const run = withoutComparison(runWith([limit(250)]));
  const tell = async (command: string, timeoutMs = 8000) => {
    const problems: string[] = [];
    await alertRun(run, {
      channels: [shellCommand(command, { cwd: folder, env: process.env, timeoutMs })],
      folder: join(folder, `alerts-${Math.random()}`),
      target: 'x',
      now: () => new Date(),
      onProblem: (sentence) => problems.push(sentence),
    });
    return problems;
  };

  it('finds the alert on its standard input and in variables', async () => {
    expect(
      await tell('cat > told.json; printf %s "$DYNO_ALERT_EXIT_CODE $DYNO_ALERT_RUN" > told.txt'),
    ).toEqual([]);
    expect(JSON.parse(await readFile(join(folder, 'told.json'), 'utf8'))).toMatchObject({
      schema: 'dyno.alert/1',
      causes: [{ key: 'threshold|load|latency.p95||above' }],
    });
    expect(await readFile(join(folder, 'told.txt'), 'utf8')).toBe(`99 ${run.id}`);
  });

  it('that fails, or is none, is said; one that hangs is ended with what it started', async () => {
    expect(await tell('echo no such pager >&2; exit 3')).toMatchObject([
      expect.stringContaining('it ended with 3: no such pager'),
    ]);
    expect(await tell('sleep 60 & echo $! > pid; wait', 300)).toMatchObject([
      expect.stringContaining('it took longer than 300 ms'),
    ]);
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    await expect
      .poll(async () => (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')).split(') ')[1]![0])
      .toBe('Z');
  });
});

describe('GitHub', () => {
  it('shows each cause once, escaped so that no server gives a command', () => {
    const name = 'x\n::add-mask::a%0Ab';
    const lines = annotations(
      withoutComparison(
        runWith([{ ...limit(250), operation: `tools/call ${name}` }, limit(300), limit(300, 'latency.p99')]),
      ),
    );
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe('::error title=dyno%3A limit broken::load: latency.p95 300 ms, limit < 200 ms');
    for (const line of lines) expect(line).toMatch(/^::error title=[^\n:]*::[^\n]*$/);
    expect(lines[0]).toContain('%250Ab');
  });

  it('shows at most ten errors, none for a pass, and a warning for what is undecided', () => {
    const many = Array.from({ length: 30 }, (_, i) => limit(300, `at_${i + 1}.latency.p95`));
    const lines = annotations(withoutComparison(runWith(many)));
    expect([lines.length, lines.at(-1)]).toEqual([
      10,
      '::error title=dyno::21 more faults are in the report',
    ]);
    expect(annotations(withoutComparison(runWith([limit(1)])))).toEqual([]);
    const undecided = withoutComparison(runWith([limit(1)]));
    undecided.verdict = {
      status: 'inconclusive',
      exitCode: 112,
      sentence: 'Too few samples.',
      exercised: '',
    };
    expect(annotations(undecided)).toEqual(['::warning title=dyno::Too few samples.']);
  });

  it('gets the summary of each run, below 1 MiB', async () => {
    const path = join(folder, 'summary.md');
    const env = { GITHUB_STEP_SUMMARY: path };
    const run = withoutComparison(runWith([limit(250)]));
    expect(await appendStepSummary(run, env)).toBeUndefined();
    expect(await appendStepSummary(run, env)).toBeUndefined();
    expect((await readFile(path, 'utf8')).match(/A limit was broken/g)).toHaveLength(2);
    await writeFile(path, 'x'.repeat(1024 * 1024 - 10));
    expect(await appendStepSummary(run, env)).toContain('full');
    expect(await appendStepSummary(run, { GITHUB_STEP_SUMMARY: folder })).toContain('cannot be written');
    expect(await appendStepSummary(run, {})).toBeUndefined();
  });
});
