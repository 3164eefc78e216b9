import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { expressionsOf, runAction, type Action, type Step } from './workflow.fixture.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = <T>(path: string) => parse(readFileSync(join(root, path), 'utf8')) as T;
const action = read<Action>('action.yml');
const example = read<{
  on: Record<string, unknown>;
  jobs: Record<string, { if: string; 'timeout-minutes': number; steps: Step[] }>;
}>('examples/ci/dyno.yml');

describe('the action', () => {
  it('names only inputs, steps and outputs that there are, and every shell', () => {
    const { steps } = action.runs;
    expect(action.runs.using).toBe('composite');
    const ids = steps.flatMap(({ id }) => id ?? []);
    for (const expression of expressionsOf(readFileSync(join(root, 'action.yml'), 'utf8'))) {
      for (const [, input] of expression.matchAll(/inputs\.([\w-]+)/g))
        expect(Object.keys(action.inputs)).toContain(input);
      for (const [, step] of expression.matchAll(/steps\.([\w-]+)/g)) expect(ids).toContain(step);
    }
    for (const step of steps)
      expect([step.name, step.run === undefined ? step.uses : step.shell]).toEqual([
        step.name,
        step.run === undefined ? expect.stringMatching(/^actions\/[\w-]+@v\d+$/) : 'bash',
      ]);
    for (const input of Object.values(action.inputs)) expect(input.description.length).toBeGreaterThan(10);
  });

  it('lets no input into a script, where it would be code', () => {
    for (const { run = '' } of action.runs.steps) expect(expressionsOf(run)).toEqual([]);
  });

  it('is used by the example as it is: quick on pull requests, full on a schedule', () => {
    expect(Object.keys(example.on)).toEqual(['pull_request', 'schedule', 'workflow_dispatch']);
    const uses = Object.entries(example.jobs).map(([job, { steps }]) => [job, steps.at(-1)!] as const);
    for (const [, step] of uses) {
      expect(step.uses).toMatch(/\/mcp-dyno@/);
      for (const name of Object.keys(step.with!)) expect(Object.keys(action.inputs)).toContain(name);
    }
    expect(uses.map(([job, step]) => [job, step.with!['profile']])).toEqual([
      ['quick', 'quick'],
      ['full', 'full'],
    ]);
    expect(example.jobs['quick']!.if).toContain("== 'pull_request'");
    expect(example.jobs['full']!.if).toContain("!= 'pull_request'");
  });
});

describe('the steps of the action', { timeout: 90_000 }, () => {
  let folder = '';
  const comments: { id: number; body: string }[] = [];
  let allowed = true;
  const api = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const json = (status: number, value: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (
        request.headers.authorization !== 'Bearer t0ken-of-a-runner' ||
        (!allowed && request.method !== 'GET')
      ) {
        json(403, { message: 'no' });
        return;
      }
      const url = request.url!;
      if (request.method === 'GET' && url.startsWith('/repos/acme/server/issues/7/comments?'))
        json(200, comments);
      else if (request.method === 'POST' && url === '/repos/acme/server/issues/7/comments') {
        comments.push({ id: 500 + comments.length, body: (JSON.parse(text) as { body: string }).body });
        json(201, {});
      } else if (request.method === 'PATCH') {
        const id = Number(/issues\/comments\/(\d+)$/.exec(url)![1]);
        comments.find((one) => one.id === id)!.body = (JSON.parse(text) as { body: string }).body;
        json(200, {});
      } else json(404, {});
    });
  });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dyno-action-'));
    await writeFile(join(folder, 'event.json'), JSON.stringify({ pull_request: { number: 7 } }));
    comments.push({ id: 1, body: 'Looks good' });
    api.listen(0, '127.0.0.1');
    await once(api, 'listening');
  });
  afterAll(async () => {
    api.closeAllConnections();
    await new Promise((resolve) => api.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  const run = (inputs: Record<string, string>, event = 'pull_request') =>
    runAction(action, {
      folder,
      inputs,
      contexts: {
        'github.action_path': root,
        'github.token': 't0ken-of-a-runner',
        'github.event_name': event,
      },
      env: {
        PATH: process.env['PATH']!,
        HOME: folder,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
        GITHUB_REPOSITORY: 'acme/server',
        GITHUB_EVENT_PATH: join(folder, 'event.json'),
        GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      },
    });
  const command = `'${process.execPath}' "${join(root, 'bin/dyno.js')}" serve --stdio`;
  const args = '--only\nsingle-tool-latency\n--threshold\n';

  it('measure, comment once and update that comment, keep the reports, and pass', async () => {
    const ran = await run({ command, profile: 'smoke', args: `${args}latency.p95 < 60s` });
    expect([ran.code, ran.log]).toEqual([0, expect.stringContaining('Commented.')]);
    expect(ran.outputs['measure']).toMatchObject({ 'exit-code': '0', status: 'pass' });
    const { reports } = ran.outputs['measure']!;
    expect(ran.used).toEqual([
      {
        uses: 'actions/upload-artifact@v4',
        with: { name: 'mcp-dyno', path: reports, 'if-no-files-found': 'warn' },
      },
    ]);
    expect(await readFile(join(reports!, 'junit.xml'), 'utf8')).toContain(
      'classname="mcp-dyno.single-tool-latency"',
    );
    expect(comments.map(({ body }) => body.split('\n')[0])).toEqual([
      'Looks good',
      '<!-- mcp-dyno:report -->',
    ]);
    expect(await readFile(join(folder, 'summary.md'), 'utf8')).toContain('### ✓ Pass');
    expect(ran.log).not.toContain('t0ken-of-a-runner');
  });

  it('update the comment, annotate and fail the job when a limit breaks, after all else is done', async () => {
    const ran = await run({ command, profile: 'smoke', args: `${args}latency.p95 < 1us` });
    expect(ran.code).toBe(99);
    expect(ran.log).toMatch(/^::error title=dyno%3A limit broken::single-tool-latency: latency\.p95 /m);
    expect(ran.log).toContain('Updated the comment.');
    expect(comments).toHaveLength(2);
    expect(comments[1]!.body).toContain('### ✗ Fail');
    expect(ran.used).toHaveLength(1);
  });

  it('say in a sentence what was wrong with the inputs, and that a token may not comment', async () => {
    const wrong = await run({ url: 'ftp://nothing', upload: 'false' }, 'push');
    expect([wrong.code, wrong.outputs['measure']]).toEqual([
      104,
      expect.objectContaining({ status: 'error' }),
    ]);
    expect(wrong.log).toMatch(/^dyno: .*ftp/m);
    allowed = false;
    const forked = await run({ command, profile: 'smoke', args: `${args}latency.p95 < 60s` });
    expect(forked.code).toBe(0);
    expect(forked.log).toContain('::notice title=dyno::The pull request has no comment: PATCH');
  });
});
