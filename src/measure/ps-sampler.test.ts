import { describe, expect, it } from 'vitest';
import { parsePs, readProcessTable } from './process-table.js';
import { startProgram } from './program.fixture.js';
import { parsePsUsage, PsSampler } from './ps-sampler.js';
import { execFileSync } from 'node:child_process';

describe('ps', () => {
  it('tells CPU times in all their spellings', () => {
    const text =
      '    1     0     1   1024 00:00:02\n  22  1  22 2048 1-02:03:04\n   7     1     7      8   0:01.25\n\nPID x\n';
    expect(parsePsUsage(text)).toEqual([
      { pid: 1, ppid: 0, pgid: 1, rssBytes: 1_048_576, cpuMs: 2000 },
      { pid: 22, ppid: 1, pgid: 22, rssBytes: 2_097_152, cpuMs: 93_784_000 },
      { pid: 7, ppid: 1, pgid: 7, rssBytes: 8192, cpuMs: 1250 },
    ]);
  });

  it('tells the same family as /proc', () => {
    const columns = ['pid=', 'ppid=', 'pgid=', 'state=', 'lstart=', 'command='].flatMap((column) => [
      '-o',
      column,
    ]);
    const told = parsePs(execFileSync('ps', ['-A', ...columns], { encoding: 'utf8', env: { LC_ALL: 'C', PATH: process.env['PATH'] } })); // prettier-ignore
    const mine = told.find((entry) => entry.pid === process.pid)!;
    const same = readProcessTable().find((entry) => entry.pid === process.pid)!;
    expect(mine).toMatchObject({ ppid: same.ppid, pgid: same.pgid, zombie: false });
    expect(mine.name).toContain('node');
  });

  it('samples a tree where there is no /proc, and says what is missing', async () => {
    const program = startProgram(`spawn('sleep', ['20'], { stdio: 'ignore' }).on('spawn', function () {
      process.on('exit', () => this.kill('SIGKILL')); tell('ready'); });`);
    try {
      await program.told();
      const sampler = new PsSampler(program.pid);
      const sample = await sampler.sample();
      expect(sample).toMatchObject({ processes: 2, pssBytes: null, fds: null, threads: null });
      expect(sample.rssBytes).toBeGreaterThan(10e6);
      expect(sampler.missing.join()).toMatch(/PSS, threads and file descriptors/);
    } finally {
      await program.stop();
    }
  });
});
