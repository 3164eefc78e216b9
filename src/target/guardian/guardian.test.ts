import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, it, type ExpectStatic } from 'vitest';
import { commandLineOf, readProcess } from '../../measure/index.js';
import { isAlive, nextText, type StubbornPids } from '../processes.fixture.js';

const parents: ChildProcess[] = [];
afterAll(() => {
  for (const parent of parents) parent.kill('SIGKILL');
});

interface Pids extends StubbornPids {
  child: number;
  guardian: number;
}

const startParent = async (...args: string[]): Promise<{ parent: ChildProcess; pids: Pids }> => {
  const fixture = fileURLToPath(new URL('guarded-parent.fixture.mjs', import.meta.url));
  const parent = spawn(process.execPath, [fixture, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  parents.push(parent);
  return { parent, pids: JSON.parse(await nextText(parent.stdout)) as Pids };
};
const ended = async (parent: ChildProcess) => {
  if (parent.exitCode === null && parent.signalCode === null) await once(parent, 'exit');
};
/** The guardian gives 0.3 s before SIGTERM and 2 s before SIGKILL; a busy machine takes longer. */
const allGone = (pids: Pids, expect: ExpectStatic) =>
  expect
    .poll(() => Object.values(pids).filter((pid: number) => isAlive(pid)), {
      timeout: 15_000,
      interval: 50,
    })
    .toEqual([]);

describe('the guardian', () => {
  const ways: [name: string, way: string, where: string, end: (pid: number) => void][] = [
    ['kill -9', 'wait', 'main', (pid) => process.kill(pid, 'SIGKILL')],
    ['kill -9, started in a worker thread', 'wait', 'thread', (pid) => process.kill(pid, 'SIGKILL')],
    ['SIGTERM', 'wait', 'main', (pid) => process.kill(pid, 'SIGTERM')],
    ['SIGINT to its whole process group', 'wait', 'main', (pid) => process.kill(-pid, 'SIGINT')],
    ['SIGHUP', 'wait', 'thread', (pid) => process.kill(pid, 'SIGHUP')],
    ['process.exit', 'exit', 'main', () => undefined],
    ['process.exit, started in a worker thread', 'exit', 'thread', () => undefined],
    ['an uncaught exception', 'throw', 'main', () => undefined],
  ];
  it.concurrent.for(ways)('leaves nothing behind after %s', async ([, way, where, end], { expect }) => {
    const { parent, pids } = await startParent(way, where);
    if (way === 'wait') expect(Object.values(pids).filter((pid: number) => !isAlive(pid))).toEqual([]);
    end(parent.pid!);
    await ended(parent);
    await allGone(pids, expect);
  });

  it.concurrent('ends what a worker thread started when only the thread ends', async ({ expect }) => {
    const { parent, pids } = await startParent('terminate', 'thread');
    await allGone(pids, expect);
    expect(isAlive(parent.pid!)).toBe(true);
    parent.kill('SIGKILL');
  });

  it.concurrent('is a Node program where there is no shell', async ({ expect }) => {
    const { parent, pids } = await startParent('wait', 'main', '/no/such/shell');
    expect(commandLineOf(readProcess(pids.guardian)!)).toMatch(/guardian-process\.js$/);
    parent.kill('SIGKILL');
    await allGone(pids, expect);
  });

  it.concurrent('is replaced when it is killed, and the new one knows everything', async ({ expect }) => {
    const { parent, pids } = await startParent('wait', 'main');
    process.kill(pids.guardian, 'SIGKILL');
    await expect.poll(() => isAlive(pids.guardian), { timeout: 5000 }).toBe(false);
    // The parent hears of it a moment later.
    await new Promise((resolve) => setTimeout(resolve, 500));
    parent.kill('SIGKILL');
    await allGone(pids, expect);
  });

  it.concurrent('takes the guardian of another dyno with it that was a target', async ({ expect }) => {
    const inner = fileURLToPath(new URL('guarded-parent.fixture.mjs', import.meta.url));
    const { spawnChild } = await import('../spawn-child.js');
    const outer = await spawnChild({ command: process.execPath, args: [inner, 'wait', 'main'], env: {} });
    const pids = JSON.parse(await nextText(outer.stdout)) as Pids;
    const report = await outer.stop({ closeMs: 100, termMs: 500 });
    expect(report.remaining).toEqual([]);
    expect([outer.pid, ...Object.values(pids)].filter((pid: number) => isAlive(pid))).toEqual([]);
  });
});
