import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../core/index.js';
import { CgroupSampler } from './cgroup-sampler.js';
import { cgroupOf, type CgroupReading } from './cgroup.js';
import { startProgram } from './program.fixture.js';

const folders: string[] = [];
const machine = (files: Record<string, string>) => {
  const root = mkdtempSync(join(tmpdir(), 'dyno-cgroup-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
};

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('a control group', () => {
  it('of version 2 is read', () => {
    const at = 'sys/fs/cgroup/system.slice/docker-abc.scope';
    const root = machine({
      'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n',
      'proc/77/cgroup': '0::/system.slice/docker-abc.scope\n',
      [`${at}/cpu.stat`]: 'usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n',
      [`${at}/memory.stat`]: 'anon 1000000\nfile 9000000\nfile_mapped 200000\ninactive_anon 5\n',
      [`${at}/pids.current`]: '14\n',
      [`${at}/cgroup.procs`]: '77\n78\n',
    });
    const reader = cgroupOf(77, root)!;
    expect(reader.read()).toEqual({ cpuMs: 2500, rssBytes: 1_200_000, threads: 14, processes: 2 });
    expect(reader.missing).toEqual([]);
  });

  it('of version 1, with version 2 mounted beside it, is read', () => {
    const root = machine({
      'proc/self/mountinfo': [
        '31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
        '32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
        '33 30 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
        '34 30 0:30 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
      ].join('\n'),
      'proc/77/cgroup': '9:pids:/docker/abc\n4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/\n',
      'sys/fs/cgroup/cpu,cpuacct/docker/abc/cpuacct.usage': '3000000000\n',
      'sys/fs/cgroup/memory/docker/abc/memory.stat':
        'cache 5\nrss 1\nmapped_file 1\ntotal_rss 4000\ntotal_mapped_file 96\n',
      'sys/fs/cgroup/pids/docker/abc/pids.current': '3\n',
      'sys/fs/cgroup/pids/docker/abc/cgroup.procs': '77\n',
    });
    expect(cgroupOf(77, root)!.read()).toEqual({ cpuMs: 3000, rssBytes: 4096, threads: 3, processes: 1 });
  });

  it('without some controllers says what is missing', () => {
    const root = machine({
      'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
      'proc/77/cgroup': '0::/box\n',
      'sys/fs/cgroup/box/cpu.stat': 'usage_usec 1000\n',
      'sys/fs/cgroup/box/cgroup.procs': '77\n',
    });
    const reader = cgroupOf(77, root)!;
    expect(reader.read()).toEqual({ cpuMs: 1, rssBytes: null, threads: null, processes: 1 });
    expect(reader.missing).toEqual([
      "memory: the container's cgroup does not tell it here",
      "threads: the container's cgroup does not tell it here",
    ]);
  });

  it.each([
    ['the root group', '0::/\n'],
    ['above what is visible', '0::/../other\n'],
    ['not there', '0::/gone\n'],
  ])('that is %s is none', (_what, cgroup) => {
    const root = machine({
      'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
      'proc/77/cgroup': cgroup,
      'sys/fs/cgroup/cpu.stat': 'usage_usec 1000\n',
    });
    expect(cgroupOf(77, root)).toBeUndefined();
    expect(cgroupOf(78, root)).toBeUndefined();
  });

  it('of a real process tells its CPU', async (context) => {
    const folder = `/sys/fs/cgroup/cpuacct/dyno-test-${process.pid}`;
    try {
      mkdirSync(folder);
    } catch (error) {
      context.skip(`needs root and cgroup version 1 to make a group: ${(error as Error).message}`);
    }
    const program = startProgram('answers.burn = (ms) => { burn(Number(ms)); tell(cpuMs()); };');
    try {
      await program.ask('burn 0');
      writeFileSync(`${folder}/cgroup.procs`, String(program.pid));
      const reader = cgroupOf(program.pid)!;
      const before = await program.ask<number>('burn 0');
      const start = reader.read().cpuMs!;
      const used = (await program.ask<number>('burn 300')) - before;
      // Both count in nanoseconds; what differs is the asking.
      expect(Math.abs(reader.read().cpuMs! - start - used)).toBeLessThan(30);
    } finally {
      await program.stop();
      rmdirSync(folder);
    }
  });
});

describe('the sampler of a control group', () => {
  it('turns CPU time into a share and says what a container hides', async () => {
    const clock = new FakeClock();
    let reading: CgroupReading = { cpuMs: 1000, rssBytes: 5e6, threads: 3, processes: 2 };
    const sampler = new CgroupSampler({ read: () => reading, missing: ['memory: no'] }, { clock });
    expect(await sampler.sample()).toEqual({ t: 0, cpuPercent: null, rssBytes: 5e6, pssBytes: null, fds: null, threads: 3, processes: 2 }); // prettier-ignore
    await clock.advance(500);
    reading = { cpuMs: 1750, rssBytes: 6e6, threads: 3, processes: 2 };
    expect(await sampler.sample()).toMatchObject({ t: 500, cpuPercent: 150, rssBytes: 6e6 });
    expect(sampler.cpuMs).toBe(750);
    reading = { cpuMs: null, rssBytes: null, threads: null, processes: null };
    expect(await sampler.sample()).toMatchObject({ processes: 0, rssBytes: 0, cpuPercent: null });
    expect(sampler.missing).toEqual([
      'memory: no',
      'PSS and file descriptors: a container does not tell them',
    ]);
  });

  it('samples again and again until it is stopped', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const sampler = new CgroupSampler({ read: () => ({ cpuMs: 1, rssBytes: 1, threads: 1, processes: 1 }), missing: [] }, { clock }); // prettier-ignore
    sampler.start((sample) => times.push(sample.t));
    await clock.advance(600);
    sampler.stop();
    await clock.advance(600);
    expect(times).toEqual([0, 250, 500]);
  });
});
