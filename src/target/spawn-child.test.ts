import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { isAlive, nextText, stubborn, type StubbornPids } from './processes.fixture.js';
import { spawnChild, type SpawnedChild } from './spawn-child.js';

const folder = mkdtempSync(join(tmpdir(), 'dyno-spawn-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const children: SpawnedChild[] = [];
const start = async (...words: [string, ...string[]]) => {
  const [command, ...args] = words;
  const child = await spawnChild({ command, args, env: {} });
  children.push(child);
  return child;
};
const quick = { closeMs: 200, termMs: 200 };

afterEach(async () => {
  for (const child of children.splice(0)) {
    await child.stop(quick);
    expect(child.pids().filter(isAlive)).toEqual([]);
  }
});

describe('stopping a child', () => {
  it('ends a polite one by ending its input', async () => {
    const child = await start('cat');
    child.stdin.write('hello\n');
    expect(await nextText(child.stdout)).toBe('hello');
    expect(await child.stop()).toEqual({ how: 'graceful', leftBehind: [], signalled: [], remaining: [] });
    expect(isAlive(child.pid)).toBe(false);
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it('ends one that ignores its input and SIGTERM, its helper and its daemon, and names them', async () => {
    const child = await spawnChild(stubborn);
    const { helper, daemon } = JSON.parse(await nextText(child.stdout)) as StubbornPids;
    const report = await child.stop(quick);
    expect(report.how).toBe('sigkill');
    expect(report.leftBehind).toEqual([{ pid: daemon, command: 'sleep 601' }]);
    expect(report.signalled).toEqual(
      expect.arrayContaining([
        { pid: child.pid, command: expect.stringContaining('stubborn-child') as string, signal: 'SIGKILL' },
        { pid: helper, command: 'sleep 600', signal: 'SIGTERM' },
        { pid: daemon, command: 'sleep 601', signal: 'SIGKILL' },
      ]),
    );
    expect(report.signalled).toHaveLength(3);
    expect(report.remaining).toEqual([]);
    expect([child.pid, helper, daemon].filter(isAlive)).toEqual([]);
    expect(child.stderrTail()).toBe('stubborn and staying\n');
    expect(await child.stop()).toBe(report);
  });

  it('does not call wrapped servers left behind, as with npx', async () => {
    const child = await start('sh', '-c', 'sleep 600; true');
    await expect.poll(() => child.pids().length).toBe(2);
    const report = await child.stop(quick);
    expect(report).toMatchObject({ how: 'sigterm', leftBehind: [], remaining: [] });
    expect(report.signalled.map(({ signal }) => signal)).toEqual(['SIGTERM', 'SIGTERM']);
  });

  it('ends and names helpers that outlive a polite child', async () => {
    const child = await start('sh', '-c', 'sleep 600 & echo $!; cat');
    const helper = Number(await nextText(child.stdout));
    const report = await child.stop();
    expect(report).toEqual({
      how: 'graceful',
      leftBehind: [{ pid: helper, command: 'sleep 600' }],
      signalled: [{ pid: helper, command: 'sleep 600', signal: 'SIGTERM' }],
      remaining: [],
    });
    expect(isAlive(helper)).toBe(false);
  });

  it('gives helpers that are just ending a moment', async () => {
    const child = await start('sh', '-c', '{ cat; sleep 0.05; } <&0 & exit');
    expect(await child.stop()).toMatchObject({ how: 'graceful', leftBehind: [], signalled: [] });
  });

  it('ends what a child left behind that ended long ago by itself', async () => {
    const child = await start('sh', '-c', 'setsid sleep 600 & echo $!; exit 3');
    const helper = Number(await nextText(child.stdout));
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(isAlive(helper)).toBe(true);
    const report = await child.stop();
    expect(report).toMatchObject({ how: 'graceful', leftBehind: [{ pid: helper, command: 'sleep 600' }] });
    expect(isAlive(helper)).toBe(false);
  });

  it('finds a daemon without environment that was seen while its parent lived', async () => {
    const child = await start(
      'sh',
      '-c',
      'env -i setsid sh -c "echo \\$\\$; exec sleep 600" & read go; kill -9 $$',
    );
    const daemon = Number(await nextText(child.stdout));
    expect(child.pids()).toContain(daemon);
    child.stdin.write('go\n');
    await child.exited;
    expect((await child.stop()).leftBehind).toEqual([{ pid: daemon, command: 'sleep 600' }]);
    expect(isAlive(daemon)).toBe(false);
  });

  it('is not held up by a child that waits for its output to be read', async () => {
    const child = await start('sh', '-c', 'yes | head -c 2000000; cat');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await child.stop({ closeMs: 10_000 })).toMatchObject({ how: 'graceful', signalled: [] });
  });

  it('catches a child that starts another when it is told to end', async () => {
    const child = await start('sh', '-c', 'trap "sleep 602 & exit" TERM; while :; do sleep 0.05; done');
    const report = await child.stop({ closeMs: 100, termMs: 1000 });
    expect(report.remaining).toEqual([]);
    expect(child.pids()).toEqual([]);
    expect(report.leftBehind.map(({ command }) => command)).toEqual(['sleep 602']);
  });

  it('tells its family from that of other children', async () => {
    const [one, two] = [
      await start('sh', '-c', 'sleep 600 & cat'),
      await start('sh', '-c', 'sleep 600 & cat'),
    ];
    await expect.poll(() => [one.pids().length, two.pids().length]).toEqual([3, 3]);
    expect(one.pids().filter((pid) => two.pids().includes(pid))).toEqual([]);
    await one.stop(quick);
    expect(two.pids()).toHaveLength(3);
  });
});

describe('starting a child', () => {
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
    ['/', {}, /'\/' is a folder/],
    ['cat', { env: { LONG: 'x'.repeat(3_000_000) } }, /arguments and environment are too long/],
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

  it('says that the interpreter of a script is missing', async () => {
    const path = join(folder, 'script');
    writeFileSync(path, '#!/no/such/interpreter\n');
    chmodSync(path, 0o755);
    await expect(spawnChild({ command: path, args: [], env: {} })).rejects.toThrow(
      `The target cannot be started: '/no/such/interpreter', which the first line of '${path}' asks for, is not there`,
    );
  });

  it('finds programs in the PATH that the child gets', async () => {
    symlinkSync('/bin/cat', join(folder, 'only-here'));
    const child = await spawnChild({ command: 'only-here', args: [], env: { PATH: folder }, cwd: '/' });
    expect((await child.stop()).how).toBe('graceful');
  });

  it('marks its children, within the mark of a dyno around it', async () => {
    const child = await start('sh', '-c', 'echo $DYNO_TARGET_ID');
    expect(await nextText(child.stdout)).toBe(child.mark);
    const saved = process.env['DYNO_TARGET_ID'];
    process.env['DYNO_TARGET_ID'] = 'outer';
    try {
      const inner = await start('sh', '-c', 'echo $DYNO_TARGET_ID');
      expect(await nextText(inner.stdout)).toBe(`outer:${inner.mark}`);
    } finally {
      if (saved === undefined) delete process.env['DYNO_TARGET_ID'];
      else process.env['DYNO_TARGET_ID'] = saved;
    }
  });
});
