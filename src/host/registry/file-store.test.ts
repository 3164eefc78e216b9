import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/index.js';
import { FileStore, ServiceRegistry, type Registration } from './index.js';
import { storeConformance } from './store-conformance.fixture.js';

storeConformance('file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'dyno-registry-'));
  return Promise.resolve({
    handle: () => new FileStore({ directory, compactAfter: 7 }),
    shared: false,
    durable: true,
    dispose() {
      rmSync(directory, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
});

const service = (n: number): Registration => ({
  name: `s${n}`,
  type: 'mcp_server',
  endpoint: `http://127.0.0.1:${3000 + n}/mcp`,
  tags: ['ü'],
});

describe('a file store', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'dyno-registry-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const open = async (options: { compactAfter?: number; clock?: FakeClock } = {}) => {
    const store = new FileStore({ directory, ...options });
    const registry = await ServiceRegistry.open({ store, clock: options.clock ?? new FakeClock() });
    return { registry, store };
  };
  const log = () =>
    join(
      directory,
      readdirSync(directory)
        .filter((name) => name.endsWith('.log'))
        .sort()
        .at(-1)!,
    );

  it('survives a restart: same records, same revision, a whole lease for everybody, nothing doubled', async () => {
    const clock = new FakeClock();
    const first = await open({ clock });
    for (let n = 0; n < 20; n++) await first.registry.registerService(service(n));
    await first.registry.updateStatus(
      first.registry.discoverServices({ name: 's3' })[0]!.id,
      'degraded',
      'slow',
    );
    const before = first.registry.getAllServices();
    const revision = first.registry.revision;
    await clock.advance(80_000);
    await first.registry.close();

    await clock.advance(3_600_000);
    const second = await open({ clock });
    expect(new Set(second.registry.getAllServices())).toEqual(new Set(before));
    expect(second.registry.revision).toBe(revision);
    expect(second.registry.lease(before[0]!.id)!.expiresInMs).toBe(90_000);
    for (let n = 0; n < 20; n++) await second.registry.registerService(service(n));
    expect(second.registry.getAllServices()).toHaveLength(20);
    expect(second.registry.revision).toBe(revision);
    const watch = second.registry.watch({ from: revision - 1 });
    expect((await watch.next()).value).toMatchObject({ kind: 'resync', services: { length: 20 } });
    await second.registry.close();
  });

  it('recovers from a write torn at any byte: everything acknowledged before it is there', async () => {
    const { registry } = await open();
    for (let n = 0; n < 4; n++) await registry.registerService(service(n));
    await registry.close();
    const whole = readFileSync(log());
    const ends = [...whole.keys()].filter((at) => whole[at] === 10).map((at) => at + 1);
    expect(ends).toHaveLength(4);
    for (let cut = 0; cut <= whole.length; cut += 7) {
      writeFileSync(log(), whole.subarray(0, cut));
      const { registry: again, store } = await open();
      const complete = ends.filter((end) => end <= cut).length;
      expect(again.getAllServices()).toHaveLength(complete);
      expect(store.recovery).toMatchObject({
        services: complete,
        tornBytes: cut - (ends[complete - 1] ?? 0),
      });
      await again.registerService(service(99));
      await again.close();
      const { registry: third, store: clean } = await open();
      expect(third.getAllServices()).toHaveLength(complete + 1);
      expect(clean.recovery).toMatchObject({ tornBytes: 0, damagedLines: 0 });
      await third.close();
    }
  });

  it('leaves out a line damaged on the disk, and keeps what follows', async () => {
    const { registry } = await open();
    for (let n = 0; n < 4; n++) await registry.registerService(service(n));
    await registry.close();
    const bytes = readFileSync(log());
    bytes[bytes.indexOf('"s1"') + 1] = 'x'.charCodeAt(0);
    writeFileSync(log(), bytes);
    const { registry: again, store } = await open();
    expect(again.getAllServices().map((record) => record.name)).toEqual(['s0', 's2', 's3']);
    expect(store.recovery).toMatchObject({ damagedLines: 1, tornBytes: 0 });
    await again.close();
  });

  it('folds its log into snapshots, keeps few files, and falls back when a snapshot is damaged', async () => {
    const { registry } = await open({ compactAfter: 10 });
    for (let n = 0; n < 25; n++) await registry.registerService(service(n));
    for (let n = 0; n < 20; n++)
      await registry.deregister(registry.discoverServices({ name: `s${n}` })[0]!.id);
    for (let round = 0; round < 50; round++)
      await registry.registerService({ ...service(24), version: `1.0.${round}` });
    const expected = new Set(registry.getAllServices());
    await registry.close();
    const names = readdirSync(directory).sort();
    expect(names.filter((name) => name.endsWith('.snapshot'))).toHaveLength(2);
    expect(names.length).toBeLessThanOrEqual(4);

    const newest = join(directory, names.filter((name) => name.endsWith('.snapshot')).at(-1)!);
    writeFileSync(newest, readFileSync(newest).subarray(0, -20));
    writeFileSync(`${newest}.new`, 'a snapshot that was being written');
    const { registry: again, store } = await open();
    expect(store.recovery).toMatchObject({ damagedSnapshots: 1, services: 5 });
    expect(new Set(again.getAllServices())).toEqual(expected);
    await again.close();
    expect(existsSync(`${newest}.new`)).toBe(false);
  });

  it('says so rather than begin empty when no snapshot can be read', async () => {
    const { registry } = await open({ compactAfter: 1 });
    for (let n = 0; n < 9; n++) await registry.registerService({ ...service(0), version: `1.0.${n}` });
    await registry.close();
    for (const name of readdirSync(directory)) {
      if (name.endsWith('.snapshot')) writeFileSync(join(directory, name), 'nothing of use\n');
    }
    await expect(open()).rejects.toThrow(/No snapshot in the registry directory .* can be read/);
  });

  it('belongs to one registry at a time, and is taken over from a dead one', async () => {
    const { registry } = await open();
    await expect(open()).rejects.toThrow(new RegExp(`in use by process ${process.pid}`));
    await registry.close();
    writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: '1', nonce: 'x' }));
    const { registry: second } = await open();
    await second.close();
    // The process id is in use again, by somebody else: this test, which did not start at that time.
    writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: process.pid, started: '1', nonce: 'x' }));
    const { registry: third } = await open();
    await third.close();
    expect(readdirSync(directory)).not.toContain('lock');
  });

  it('leaves out documents that are none, and counts them', async () => {
    const { registry } = await open();
    await registry.registerService(service(0));
    await registry.close();
    const { encodeLine } = await import('./generation-files.js');
    const foreign = [
      { revision: 2, put: { id: 'evil', name: 'a\nb', type: 'mcp_server', endpoint: 'http://h/' } },
      {
        revision: 3,
        put: { id: 'odd', name: 'odd', type: 'mcp_server', endpoint: 'http://h/', state: 'on' },
      },
      { revision: 4, put: 'nothing' },
    ];
    writeFileSync(log(), foreign.map(encodeLine).join(''), { flag: 'a' });
    const { registry: again } = await open();
    expect(again.getAllServices()).toHaveLength(1);
    expect(again.statistics().counts.unreadable).toBe(3);
    await again.close();
  });

  it('names the directory that cannot be used', async () => {
    writeFileSync(join(directory, 'file'), '');
    const at = join(directory, 'file', 'inner');
    const refused = ServiceRegistry.open({ store: new FileStore({ directory: at }) });
    await expect(refused).rejects.toMatchObject({
      exitCode: 104,
      message: expect.stringContaining(at) as string,
    });
    expect(() => new FileStore({ directory: '' })).toThrow(/directory of a file store/);
  });

  it('rejects a write that the disk refuses, changes nothing, and goes on when it can', async () => {
    const { registry } = await open();
    await registry.registerService(service(0));
    const { open: openFile } = await import('node:fs/promises');
    const probe = await openFile(log(), 'r');
    const prototype = Object.getPrototypeOf(probe) as { datasync: () => Promise<void> };
    await probe.close();
    const { datasync } = prototype;
    prototype.datasync = () => Promise.reject(new Error('ENOSPC: no space left on device'));
    try {
      const refused = registry.registerService(service(1));
      await expect(refused).rejects.toMatchObject({
        code: 'store-unavailable',
        message: expect.stringMatching(/cannot write to .*: ENOSPC: no space left/) as string,
      });
    } finally {
      prototype.datasync = datasync;
    }
    expect(registry.getAllServices()).toHaveLength(1);
    await registry.registerService(service(2));
    await registry.close();
    const { registry: again, store } = await open();
    expect(again.getAllServices().map((record) => record.name)).toEqual(['s0', 's2']);
    expect(store.recovery).toMatchObject({ tornBytes: 0, damagedLines: 0 });
    await again.close();
  });

  it('has everything it acknowledged after kill -9, in the middle of writing', async () => {
    const script = fileURLToPath(new URL('../../../test/fixtures/registry-writer.mjs', import.meta.url));
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [script, directory, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const acknowledged: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged.push(line);
        if (acknowledged.length === 150) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      const { registry } = await open();
      const there = new Set(registry.getAllServices().map((record) => `${record.name} ${record.version}`));
      expect(acknowledged.filter((one) => !there.has(one))).toEqual([]);
      await registry.close();
    }
  });
});
