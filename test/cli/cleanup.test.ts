import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/core/index.js';
import { readProcess } from '../../src/measure/index.js';
import { startTruthServer } from '../fixtures/truth-servers.js';
import { dyno, program } from './run-dyno.js';

const stdio = (...knobs: string[]) => ['--', process.execPath, program, 'serve', '--stdio', ...knobs];

async function run(only: string, target: string[]) {
  const flags = ['--profile', 'smoke', '--tool', 'get_inventory', '--json', '--quiet'];
  const { code, stdout, stderr } = await dyno(['test', '--only', only, ...flags, ...target]);
  expect(stdout, stderr).not.toBe('');
  const [test] = (JSON.parse(stdout) as RunResult).tests;
  return { code, test: test!, told: [test!.reason, ...test!.notes].join('\n') };
}

/** The pids that are named as processes. */
const pidsIn = (text: string) => [...text.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid));

/** What nobody has reaped yet does not run any more. */
const runs = (pid: number) => readProcess(pid)?.zombie === false;

describe('resource-cleanup', () => {
  it('ends a server that ignores the end of its input and SIGTERM, and its child, and reports both', async () => {
    const { code, test, told } = await run('resource-cleanup', stdio('--ignore-stop', '--fork-child'));
    expect(test.status).toBe('fail');
    expect(code).toBe(99);
    expect(told).toContain('the target ignored the end of its input and SIGTERM, and was killed');
    expect(told).toMatch(/process \d+ \(.*\) outlived the target, and was ended with SIG/);
    expect(pidsIn(told).filter(runs)).toEqual([]);
  }, 60_000);

  it('finds nothing where nothing is left, over stdio', async () => {
    const { code, test } = await run('resource-cleanup', stdio());
    expect(test, test.reason).toMatchObject({ status: 'pass' });
    expect(test.metrics['calls.ok']?.value).toBe(2);
    expect(code).toBe(0);
  });

  it.each([
    [
      'sessions that survive their DELETE',
      ['--protocol', 'session', '--leak-sessions'],
      /^5 sessions still answer although their DELETE was accepted/,
    ],
    ['files that are never closed', ['--leak-fds'], /^\d+ files in .* of the target are still open after 5/],
  ])('names %s', async (_, knobs, reason) => {
    const server = await startTruthServer('reference', knobs);
    try {
      const { code, test } = await run('resource-cleanup', [server.url]);
      expect(test.reason).toMatch(reason);
      expect([test.status, code]).toEqual(['fail', 99]);
    } finally {
      await server.stop();
    }
  });
});

it('fails a test after which a process is left, where nothing else judges it', async () => {
  const { code, test } = await run('single-tool-latency', stdio('--fork-child'));
  expect(test.reason).toMatch(/^process \d+ \(.*\) outlived the target/);
  expect([test.status, code]).toEqual(['fail', 99]);
  expect(pidsIn(test.reason!).filter(runs)).toEqual([]);
}, 60_000);

it.each([
  [
    'single-tool-latency',
    /^Afterwards 1 of 1 sessions were ended with DELETE, which was accepted, and it answers still/,
  ],
  ['end-to-end-workflow', /^Afterwards 1 of 1 sessions were ended/],
])(
  'names the sessions of %s that survive their DELETE',
  async (id, survivor) => {
    const server = await startTruthServer('reference', ['--protocol', 'session', '--leak-sessions']);
    try {
      const { test, code } = await run(id, [server.url]);
      expect(test.notes.filter((note) => survivor.test(note))).toHaveLength(1);
      expect(code).toBe(0);
    } finally {
      await server.stop();
    }
    const clean = await startTruthServer('reference', ['--protocol', 'session']);
    try {
      const { test } = await run(id, [clean.url]);
      expect(test.notes.filter((note) => /sessions/.test(note))).toEqual([]);
      const { sessions } = await clean.stats();
      expect(sessions.opened - sessions.ended).toBe(0);
    } finally {
      await clean.stop();
    }
  },
  60_000,
);
