import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { samplerOf } from '../measure/index.js';
import { containerCommand, forgetContainer, guardianWords } from './container-command.js';
import { isAlive, nextText } from './processes.fixture.js';
import { spawnChild } from './spawn-child.js';

describe('a container command', () => {
  it.each([
    [
      'docker',
      ['run', '-i', '--rm', 'mcp/fetch'],
      ['docker'],
      ['run', '--cidfile', 'ID', '-i', '--rm', 'mcp/fetch'],
    ],
    [
      '/usr/bin/podman',
      ['container', 'run', 'x'],
      ['/usr/bin/podman'],
      ['container', 'run', '--cidfile', 'ID', 'x'],
    ],
    [
      'docker',
      ['--context', 'run', '-D', 'run', 'x'],
      ['docker', '--context', 'run', '-D'],
      ['--context', 'run', '-D', 'run', '--cidfile', 'ID', 'x'],
    ],
    ['docker', ['run', '--cidfile=/tmp/mine', 'x'], ['docker'], ['run', '--cidfile=/tmp/mine', 'x']],
    ['docker', ['run', '--cidfile', '/tmp/mine', 'x'], ['docker'], ['run', '--cidfile', '/tmp/mine', 'x']],
  ])('is recognised: %s %j', (command, args, runtime, changed) => {
    const found = containerCommand(command, args)!;
    expect(found.runtime).toEqual(runtime);
    expect(found.args.map((arg) => (arg === found.idFile && !arg.endsWith('mine') ? 'ID' : arg))).toEqual(
      changed,
    );
    expect(guardianWords(found)).toBe([found.idFile, ...runtime].join('|'));
    forgetContainer(found);
    expect(existsSync(dirname(found.idFile))).toBe(found.idFile === '/tmp/mine');
  });

  it.each([
    ['node', ['run', 'x']],
    ['docker', ['exec', '-i', 'x', 'run']],
    ['docker', ['compose', 'run', 'x']],
    ['docker', []],
    ['docker', ['-H']],
  ])('is not %s %j', (command, args) => {
    expect(containerCommand(command, args)).toBeUndefined();
  });

  it('with words that the guardian could not read apart is left to the ordinary stop', () => {
    expect(guardianWords({ runtime: ['docker', '--host', 'a b'], args: [], idFile: '/x' })).toBeUndefined();
  });
});

/** The stand-in says what it does and does not do like docker; there is no docker daemon to be relied on in tests. */
describe('a container', () => {
  let folder: string;
  let docker: string;
  let state: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dyno-docker-'));
    docker = join(folder, 'docker');
    state = join(folder, 'state');
    mkdirSync(state);
    vi.stubEnv('TMPDIR', folder);
    vi.stubEnv('FAKE_DOCKER_STATE', state);
    copyFileSync(fileURLToPath(new URL('fake-docker.fixture.sh', import.meta.url)), docker);
    chmodSync(docker, 0o755);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  const run = async (env: Record<string, string> = {}) => {
    const args = ['run', '-i', '--rm', 'image'];
    const child = await spawnChild({ command: docker, args, env });
    const [, id, pid] = (await nextText(child.stdout)).split(' ');
    return { child, id: id!, pid: Number(pid) };
  };
  const idFolders = () => readdirSync(folder).filter((name) => name.startsWith('dyno-container-'));

  it('ends with the end of its input', async () => {
    const { child, pid } = await run();
    expect(idFolders()).toHaveLength(1);
    expect(isAlive(pid)).toBe(true);
    const report = await child.stop();
    expect(report.how).toBe('graceful');
    expect(report.container).toBeUndefined();
    expect(isAlive(pid)).toBe(false);
    expect(idFolders()).toEqual([]);
  });

  it('is killed through its runtime where it outlives its command', async () => {
    const { child, id, pid } = await run({ FAKE_DOCKER_IGNORES_END: '1' });
    const report = await child.stop({ closeMs: 200, termMs: 200 });
    expect(report.how).toBe('sigterm');
    expect(report.container).toBe(id.slice(0, 12));
    expect(isAlive(pid)).toBe(false);
  });

  it('is killed by the guardian when we are', async () => {
    const source = `import { spawnChild } from ${JSON.stringify(new URL('../../dist/target/index.js', import.meta.url).href)};
      const child = await spawnChild({ command: ${JSON.stringify(docker)}, args: ['run', 'x'], env: { FAKE_DOCKER_IGNORES_END: '1' } });
      child.stdout.pipe(process.stdout); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number((await nextText(parent.stdout)).split(' ')[2]);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { interval: 50 }).toBe(false);
    await expect.poll(idFolders, { interval: 50 }).toEqual([]);
  });

  it('is measured by its control group', async (context) => {
    const group = `/sys/fs/cgroup/cpuacct/dyno-docker-${process.pid}`;
    try {
      mkdirSync(group);
    } catch (error) {
      context.skip(`needs root and cgroup version 1 to make a group: ${(error as Error).message}`);
    }
    const { child, id, pid } = await run({ FAKE_DOCKER_CGROUP: group });
    try {
      const sampler = samplerOf({ kind: 'processes', pids: [child.pid] });
      if ('reason' in sampler) expect.fail(sampler.reason);
      await sampler.sample();
      // A loop that sleeps: it uses some CPU, and the command that started it none.
      const used = async () => {
        await sampler.sample();
        return sampler.cpuMs;
      };
      await expect.poll(used, { interval: 200 }).toBeGreaterThan(0);
      expect(await sampler.sample()).toMatchObject({ pssBytes: null, fds: null });
      expect(sampler.missing.join('; ')).toMatch(/PSS and file descriptors: a container does not tell them/);
      expect(basename(group)).toContain(String(process.pid));
    } finally {
      await child.stop();
      expect(isAlive(pid)).toBe(false);
      await expect.poll(() => tryToRemove(join(group, id))).toBe(true);
      rmdirSync(group);
    }
  });

  it('on another machine is said to be missing', async () => {
    const { child } = await run();
    try {
      const sampler = samplerOf({ kind: 'processes', pids: [child.pid] });
      if ('reason' in sampler) expect.fail(sampler.reason);
      // Without a group of its own the pid could be anybody's.
      await expect(sampler.sample()).rejects.toThrow("the container's processes are not on this machine");
    } finally {
      await child.stop();
    }
  });
});

function tryToRemove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
