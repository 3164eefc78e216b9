import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, sleep } from '../core/index.js';
import { isAlive, startProgram, type Program } from './program.fixture.js';
import { ProcessTreeSampler } from './process-tree-sampler.js';
import type { TreeSample } from './tree-sample.js';

/** Other systems than Linux have no /proc; PsSampler serves them and has its own test. */
const onLinux = process.platform === 'linux';
if (!onLinux) console.warn('skipped: process-tree-sampler.test.ts reads /proc, which only Linux has');

const running: Program[] = [];
const samplers: ProcessTreeSampler[] = [];
const start = (source: string, env?: Record<string, string>) => {
  const program = startProgram(source, env);
  running.push(program);
  return program;
};
const watch = (...args: ConstructorParameters<typeof ProcessTreeSampler>) => {
  const sampler = new ProcessTreeSampler(...args);
  samplers.push(sampler);
  return sampler;
};

afterEach(async () => {
  for (const sampler of samplers.splice(0)) sampler.stop();
  const programs = running.splice(0);
  await Promise.all(programs.map((program) => program.stop()));
  expect(programs.filter((program) => isAlive(program.pid))).toEqual([]);
});

describe.runIf(onLinux)('the process tree sampler', () => {
  it('counts the CPU of a process that burns one core as the process itself does', async () => {
    const program = start(
      `answers.cpu = () => tell(cpuMs()); answers.burn = (ms) => { burn(Number(ms)); tell(cpuMs()); };`,
    );
    const before = await program.ask<number>('cpu');
    const sampler = watch(program.pid);
    const first = await sampler.sample();
    const after = await program.ask<number>('burn 1500');
    const last = await sampler.sample();
    // 5 %, and the two ticks of 10 ms to which the kernel rounds at either end.
    expect(Math.abs(sampler.cpuMs - (after - before))).toBeLessThan(0.05 * (after - before) + 20);
    expect(last.cpuPercent).toBeCloseTo((100 * sampler.cpuMs) / (last.t - first.t), 6);
    expect(first.cpuPercent).toBeNull();
  });

  /** Burns 250 ms of CPU and tells how much that was in the end. */
  const burner = `const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
    while (used() < 250); require('node:fs').writeSync(1, JSON.stringify(used()) + '\\n')`;
  /** The same, and stays until its input ends. */
  const stayingBurner = `${burner}; require('node:fs').readFileSync(0)`;

  it('keeps the CPU of children that ended and were waited for', async () => {
    const program = start(`answers.run = () => {
      spawn(process.execPath, ['-e', ${JSON.stringify(burner)}], { stdio: ['ignore', 'inherit', 'inherit'] })
        .on('exit', () => tell('ended')); };`);
    const sampler = watch(program.pid, { intervalMs: 50 });
    sampler.start();
    let told = 0;
    for (let i = 0; i < 2; i++) {
      told += await program.ask<number>('run');
      expect(await program.told()).toBe('ended');
    }
    await sampler.sample();
    expect(sampler.last!.processes).toBe(1);
    // The kernel rounds, and the parent and the ends of the children cost a little themselves.
    expect(sampler.cpuMs).toBeGreaterThan(told - 20);
    expect(sampler.cpuMs).toBeLessThan(told * 1.3 + 100);
  });

  it('keeps the CPU of children that nobody waited for', async () => {
    // With SIGCHLD ignored the kernel forgets a child at once and adds its time nowhere.
    const child = spawn(
      'sh',
      // What runs in the background has no input unless it is given one.
      ['-c', 'trap "" CHLD; read go; "$0" -e "$1" <&3 & exec cat 3<&-', process.execPath, stayingBurner],
      { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] },
    );
    const sampler = watch(child.pid!, { intervalMs: 20 });
    try {
      sampler.start();
      child.stdin!.write('go\n');
      const [line] = (await once(child.stdout!, 'data')) as [Buffer];
      const told = JSON.parse(line.toString()) as number;
      await sampler.sample();
      (child.stdio[3] as Writable).end();
      while (sampler.pids.length > 1) await sleep(10);
      await sampler.sample();
      // The kernel rounds to ticks of 10 ms; what the end of the child costs may not be seen.
      expect(sampler.cpuMs).toBeGreaterThan(told - 20);
      expect(sampler.cpuMs).toBeLessThan(told * 1.3 + 100);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('tells resident memory as the process itself does', async () => {
    const program =
      start(`let kept = []; answers.keep = (mb) => { kept.push(Buffer.alloc(mb * 1e6, 1)); tell(0); };
      answers.rss = () => tell(process.memoryUsage.rss());`);
    await program.ask('keep 1');
    const sampler = watch(program.pid);
    const small = await sampler.sample();
    await program.ask('keep 100');
    const rss = await program.ask<number>('rss');
    const large = await sampler.sample();
    // Answering allocates a little; the kernel batches its counters per core.
    expect(Math.abs(large.rssBytes - rss)).toBeLessThan(3e6);
    expect(large.rssBytes - small.rssBytes).toBeGreaterThan(97e6);
    expect(large.pssBytes! - small.pssBytes!).toBeGreaterThan(97e6);
    expect(large.pssBytes!).toBeLessThanOrEqual(large.rssBytes + 1e6);
  });

  it('counts file descriptors and threads as the process itself does', async () => {
    const program = start(`
      const { Worker } = require('node:worker_threads');
      const count = (path) => fs.readdirSync(path).length;
      // The directory is open itself while it is listed.
      answers.count = () => tell({ fds: count('/proc/self/fd') - 1, threads: count('/proc/self/task') });
      answers.open = (n) => { for (let i = 0; i < n; i++) fs.openSync('/dev/null'); tell(0); };
      answers.work = () => { new Worker('setInterval(() => {}, 1000)', { eval: true }).on('online', () => tell(0)); };`);
    const sampler = watch(program.pid);
    const check = async () => {
      const counted = await program.ask<{ fds: number; threads: number }>('count');
      const { fds, threads } = await sampler.sample();
      expect({ fds, threads }).toEqual(counted);
      return counted;
    };
    const before = await check();
    await program.ask('open 100');
    await program.ask('work');
    const after = await check();
    expect(after.fds - before.fds).toBeGreaterThanOrEqual(100);
    expect(after.threads).toBeGreaterThan(before.threads);
  });

  it('follows processes that appear and vanish, in other groups and sessions too', async () => {
    const program = start(`
      let children = [];
      answers.fork = (detached) => { const child = spawn('sleep', ['20'], { detached: detached === 'yes', stdio: 'ignore' });
        children.push(child); child.on('spawn', () => tell(child.pid)); };
      answers.end = () => { const child = children.pop(); child.on('exit', () => tell(0)); child.kill('SIGKILL'); };
      tell('ready');`);
    await program.told();
    const sampler = watch(program.pid, { intervalMs: 20 });
    const counts = async () => (await sampler.sample()).processes;
    expect(await counts()).toBe(1);
    const plain = await program.ask<number>('fork no');
    const detached = await program.ask<number>('fork yes');
    await sleep(60);
    expect(await counts()).toBe(3);
    expect(sampler.pids).toEqual([program.pid, plain, detached]);
    await program.ask('end');
    expect(await counts()).toBe(2);
    await program.ask('end');
    expect(await counts()).toBe(1);
    await program.stop();
    const gone = await sampler.sample();
    expect(gone).toMatchObject({ processes: 0, rssBytes: 0, threads: 0, fds: 0 });
  });

  it('finds a daemon that left its parent, group and session by the mark in its environment', async () => {
    const mark = `DYNO_TEST_MARK=${process.pid}-${Date.now()}`;
    const [name, value] = mark.split('=') as [string, string];
    const program = start(
      `answers.daemon = () => spawn('sh', ['-c', 'setsid sh -c "sleep 20 & echo \\\\$!" &'], { stdio: ['ignore', 'inherit', 'inherit'] });
       tell('ready');`,
      { [name]: value },
    );
    await program.told();
    const daemon = await program.ask<number>('daemon');
    try {
      await sleep(50);
      const marked = watch(program.pid, { mark });
      const unmarked = watch(program.pid);
      await marked.sample();
      await unmarked.sample();
      expect(marked.pids).toContain(daemon);
      expect(unmarked.pids).not.toContain(daemon);
    } finally {
      process.kill(daemon, 'SIGKILL');
    }
  });

  it('samples in its rhythm, whatever one sample costs', async () => {
    const clock = new FakeClock();
    const seen: TreeSample[] = [];
    const sampler = watch(process.pid, { clock });
    sampler.start((sample) => seen.push(sample));
    await clock.advance(1000);
    expect(seen.map((sample) => sample.t)).toEqual([0, 250, 500, 750, 1000]);
    expect(seen[0]!.cpuPercent).toBeNull();
    expect(seen.slice(1).every((sample) => sample.cpuPercent !== null)).toBe(true);
    sampler.stop();
    expect(clock.pending).toBe(0);
  });

  it('spreads the expensive readings over the samples between', async () => {
    const program = start(
      `for (let i = 0; i < 9; i++) spawn('sleep', ['20'], { stdio: 'ignore' }).on('spawn', () => tell(i));`,
    );
    for (let i = 0; i < 9; i++) await program.told();
    const clock = new FakeClock();
    // Every 100 ms of 1 s: one of the ten processes a sample.
    const sampler = watch(program.pid, { clock, intervalMs: 100, detailEveryMs: 1000 });
    sampler.start();
    await clock.advance(1000);
    const pids = sampler.pids;
    expect(pids).toHaveLength(10);
    // The budget may stretch it where reading is slow; nobody is left out.
    await clock.advance(20_000);
    expect(sampler.detailAgeMs).toBeLessThan(20_000);
    for (const pid of pids.slice(1)) process.kill(pid, 'SIGKILL');
  });
});
