import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../core/index.js';
import { ciOf, readEnvironment } from './environment.js';
import { MachineMeter, parseMachineStat } from './machine-meter.js';
import { SelfMeter } from './self-meter.js';
import { threadCpuMs } from './thread-cpu.js';

const spin = (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(end);
};

describe('the meter of the generator itself', () => {
  it('sees CPU, a blocked loop and collections of garbage', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const meter = new SelfMeter();
    await sleep(50);
    meter.read();
    const before = process.cpuUsage();
    spin(200);
    collect();
    collect();
    const { user, system } = process.cpuUsage(before);
    await sleep(50);
    const reading = meter.read();
    // The same counter, read a moment earlier.
    const used = (user + system) / 1000;
    expect((reading.cpuPercent * reading.elapsedMs) / 100).toBeGreaterThanOrEqual(used);
    expect(reading.loopDelay.maxMs).toBeGreaterThan(180);
    expect(reading.loopDelay.p50Ms).toBeLessThanOrEqual(reading.loopDelay.p99Ms);
    expect(reading.loopDelay.p99Ms).toBeLessThanOrEqual(reading.loopDelay.maxMs + 0.001);
    expect(reading.gc.count).toBeGreaterThanOrEqual(2);
    expect(reading.gc.totalMs).toBeGreaterThan(0);
    expect(reading.gc.maxMs).toBeLessThanOrEqual(reading.gc.totalMs);
    expect(reading.rssBytes).toBeGreaterThan(20e6);
    // A reading forgets what the one before it told; the machine itself may block the loop as long, now and then.
    const next = async () => {
      await sleep(50);
      return meter.read().loopDelay.maxMs;
    };
    await expect.poll(next).toBeLessThan(reading.loopDelay.maxMs);
    meter.stop();
  });

  it.runIf(process.platform === 'linux')(
    'tells the CPU of a thread from that of its neighbours',
    async () => {
      const worker = new Worker(
        'const from = process.cpuUsage(); while (process.cpuUsage(from).user < 300_000);',
        {
          eval: true,
        },
      );
      const thread = threadCpuMs()!;
      const all = process.cpuUsage();
      await new Promise((resolve) => worker.once('exit', resolve));
      const threadUsed = threadCpuMs()! - thread;
      const { user, system } = process.cpuUsage(all);
      expect((user + system) / 1000 - threadUsed).toBeGreaterThan(100);
    },
  );
});

describe('the meter of the machine', () => {
  it('reads busy, stolen and waiting time of all cores (proc_stat(5))', () => {
    const text = 'cpu  100 10 50 1000 20 1 4 8 30 0\ncpu0 50 5 25 500 10 0 2 4 15 0\n';
    expect(parseMachineStat(text, 100)).toEqual({ busyMs: 1650, stealMs: 80, ioWaitMs: 200 });
    expect(parseMachineStat('intr 5', 100)).toBeUndefined();
    expect(parseMachineStat('cpu 100 0 0 5', 100)).toEqual({ busyMs: 1000, stealMs: null, ioWaitMs: null });
  });

  it('sees a core being used', () => {
    const meter = new MachineMeter();
    const before = process.cpuUsage();
    spin(300);
    const { user, system } = process.cpuUsage(before);
    const reading = meter.read();
    // Ticks of 10 ms; others may be busy, too.
    expect(reading.busyCores * reading.elapsedMs).toBeGreaterThan((user + system) / 1000 - 50);
    expect(reading.busyCores).toBeLessThanOrEqual(cpus().length * 1.1);
  });
});

describe('the environment of a run', () => {
  let folder: string;
  const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder, encoding: 'utf8' }).trim(); // prettier-ignore
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dyno-git-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('names machine, commit, changes and CI', async () => {
    expect((await readEnvironment({ cwd: folder, env: {} })).git).toBeUndefined();
    git('init', '-q');
    writeFileSync(join(folder, 'a'), '1');
    git('add', 'a');
    git('commit', '-qm', 'one');
    const clean = await readEnvironment({ cwd: folder, env: { GITHUB_ACTIONS: 'true', CI: 'true' } });
    expect(clean.git).toEqual({ commit: git('rev-parse', 'HEAD'), dirty: false });
    expect(clean.ci).toBe('GitHub Actions');
    expect(clean.node).toBe(process.version);
    expect(clean.cores).toBeLessThanOrEqual(cpus().length);
    expect(clean.cpu).not.toBe('');
    expect(clean.memoryBytes).toBeGreaterThan(100e6);
    writeFileSync(join(folder, 'a'), '2');
    expect((await readEnvironment({ cwd: folder, env: {} })).git?.dirty).toBe(true);
  });

  it.each([
    [{}, undefined],
    [{ CI: 'true' }, 'unknown CI'],
    [{ CI: 'false' }, undefined],
    [{ CI: 'woodpecker' }, 'Woodpecker CI'],
    [{ CI: '1', GITLAB_CI: 'true' }, 'GitLab CI'],
    [{ GITHUB_ACTIONS: 'true', FORGEJO_ACTIONS: 'true' }, 'Forgejo Actions'],
  ])('of variables %j is the CI %s', (env, name) => {
    expect(ciOf(env)).toBe(name);
  });
});
