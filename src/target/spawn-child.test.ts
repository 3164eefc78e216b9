import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { spawnChild } from './spawn-child.js';

const fixture = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dyno-spawn-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const line = (stream: NodeJS.ReadableStream) =>
  new Promise<string>((resolve) => stream.once('data', (data: Buffer) => resolve(String(data).trim())));

describe('spawnChild', () => {
  it('ends a polite child by ending its input', async () => {
    const child = await spawnChild({ command: 'cat', args: [], env: {} });
    child.stdin.write('hello\n');
    expect(await line(child.stdout)).toBe('hello');
    expect(await child.stop()).toEqual({ how: 'graceful', leftBehind: [], remaining: [] });
    expect(isAlive(child.pid)).toBe(false);
  });

  it('ends a child that ignores its input and SIGTERM, and the grandchild that escaped, and names it', async () => {
    const child = await spawnChild({
      command: process.execPath,
      args: [fixture('stubborn-child.fixture.mjs')],
      env: {},
    });
    const grandchild = Number(await line(child.stdout));
    const report = await child.stop({ closeMs: 200, termMs: 200 });
    expect(report.how).toBe('sigkill');
    expect(report.leftBehind).toEqual([expect.objectContaining({ pid: grandchild, command: 'sleep 600' })]);
    expect(report.remaining).toEqual([]);
    expect([child.pid, grandchild].filter(isAlive)).toEqual([]);
    expect(child.stderrTail()).toBe('stubborn and staying\n');
  });

  it('keeps the last 64 kB of stderr', async () => {
    const child = await spawnChild({
      command: 'sh',
      args: ['-c', 'yes abcdefg | head -c 300000 >&2; echo end >&2'],
      env: {},
    });
    await child.exited;
    await child.stop();
    expect(child.stderrTail().length).toBeLessThanOrEqual(65_536);
    expect(child.stderrTail().length).toBeGreaterThan(60_000);
    expect(child.stderrTail().endsWith('end\n')).toBe(true);
  });

  it.each([
    ['no-such-program-here', {}, /no program 'no-such-program-here'/],
    ['./no/such/path', {}, /no program/],
    ['cat', { cwd: '/no/such/folder' }, /no folder '\/no\/such\/folder'/],
  ])('says why %s cannot be started', async (command, more, message) => {
    await expect(spawnChild({ command, args: [], env: {}, ...more })).rejects.toThrow(message);
  });

  it('says that a file is not executable', async () => {
    const path = join(folder, 'plain.txt');
    writeFileSync(path, 'text');
    chmodSync(path, 0o644);
    await expect(spawnChild({ command: path, args: [], env: {} })).rejects.toMatchObject({
      exitCode: 111,
      message: `The target cannot be started: '${path}' is not executable`,
    });
  });
});

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
    const parent = spawn(process.execPath, [fixture('guarded-parent.fixture.mjs'), way, where], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const { child, grandchild } = JSON.parse(await line(parent.stdout)) as {
      child: number;
      grandchild: number;
    };
    end(parent.pid!);
    await new Promise((resolve) =>
      parent.exitCode === null && parent.signalCode === null ? parent.once('exit', resolve) : resolve(0),
    );
    // The guardian gives two seconds between TERM and KILL.
    await expect
      .poll(() => [child, grandchild].filter(isAlive), { timeout: 8000, interval: 100 })
      .toEqual([]);
  });
});
