import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/index.js';
import { announce, MemoryBackend, MemoryStore, ServiceRegistry, type Registration } from './index.js';
import type { StoreListener, StoreSnapshot } from './store.js';

const service = (n: number): Registration => ({
  name: `s${n}`,
  type: 'mcp_server',
  endpoint: `http://127.0.0.1:${3000 + n}/mcp`,
});

async function withServices(count: number, clock: FakeClock = new FakeClock()) {
  const registry = await ServiceRegistry.open({ clock });
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await registry.registerService(service(n))).id);
  return { clock, registry, ids };
}

describe('a lease', () => {
  it('lasts 90 s by default, asks for a heartbeat every 30 s, and then expires', async () => {
    const { clock, registry, ids } = await withServices(1);
    const id = ids[0]!;
    expect(registry.lease(id)).toEqual({
      id,
      ttlMs: 90_000,
      renewEveryMs: 30_000,
      expiresInMs: 90_000,
      phase: 'live',
    });
    await clock.advance(89_999);
    expect(registry.getService(id)!.state).toBe('healthy');
    expect(registry.lease(id)).toMatchObject({ phase: 'silent', expiresInMs: 1 });
    await clock.advance(1);
    expect(registry.getService(id)).toMatchObject({ state: 'expired', expiredFrom: 'healthy' });
    expect(registry.lease(id)).toBeUndefined();
    expect(registry.discoverServices({ healthyOnly: true })).toEqual([]);
    expect(registry.statistics().counts.expired).toBe(1);
    await registry.close();
    expect(clock.pending).toBe(0);
  });

  it('goes on as long as heartbeats come', async () => {
    const { clock, registry, ids } = await withServices(1);
    for (let beat = 0; beat < 40; beat++) {
      await clock.advance(89_000);
      await registry.heartbeat(ids[0]!);
    }
    expect(registry.getService(ids[0]!)!.state).toBe('healthy');
    expect(registry.revision).toBe(1);
    await registry.close();
  });

  it('has the ttl of its registration, or none', async () => {
    const clock = new FakeClock();
    const registry = await ServiceRegistry.open({ clock });
    const short = await registry.registerService({ ...service(0), ttl: 500 });
    const none = await registry.registerService({ ...service(1), ttl: 'none' });
    await clock.advance(501);
    expect(registry.getService(short.id)!.state).toBe('expired');
    await clock.advance(86_400_000);
    expect(registry.getService(none.id)!.state).toBe('healthy');
    expect(registry.lease(none.id)).toBeUndefined();
    await registry.close();
  });

  it('begins anew with a registration, also with another ttl', async () => {
    const { clock, registry, ids } = await withServices(1);
    await clock.advance(80_000);
    await registry.registerService(service(0));
    expect(registry.lease(ids[0]!)!.expiresInMs).toBe(90_000);
    await registry.registerService({ ...service(0), ttl: 1000 });
    await clock.advance(1000);
    expect(registry.getService(ids[0]!)!.state).toBe('expired');
    await registry.close();
  });
});

describe('an expired service', () => {
  it('comes back by a heartbeat, in the state that it had', async () => {
    const { clock, registry, ids } = await withServices(1);
    await registry.updateStatus(ids[0]!, 'degraded', 'slow disk');
    await clock.advance(90_000);
    expect(registry.getService(ids[0]!)!.state).toBe('expired');
    await registry.heartbeat(ids[0]!);
    expect(registry.getService(ids[0]!)!.state).toBe('degraded');
    expect(registry.lease(ids[0]!)!.expiresInMs).toBe(90_000);
    expect(registry.statistics().counts).toMatchObject({ expired: 1, revived: 1 });
    await registry.close();
  });

  it('stays listed as expired for an hour, is given where nothing is healthy and stale is fine, then goes', async () => {
    const { clock, registry, ids } = await withServices(1);
    await clock.advance(90_000);
    expect(registry.discoverServices({ name: 's0', healthyOnly: true })).toEqual([]);
    expect(registry.discoverServices({ name: 's0', healthyOnly: true, staleIfNone: true })).toMatchObject([
      { id: ids[0], state: 'expired' },
    ]);
    await clock.advance(3_599_999);
    expect(registry.getAllServices()).toHaveLength(1);
    await clock.advance(1);
    expect(registry.getAllServices()).toEqual([]);
    expect(registry.statistics().counts.forgotten).toBe(1);
    await registry.close();
  });
});

describe('self-preservation', () => {
  it('keeps everything when most leases fail at once, and says so', async () => {
    const { clock, registry, ids } = await withServices(10);
    await clock.advance(30_000);
    for (const id of ids) await registry.heartbeat(id);
    // From here on the network is broken for six of ten.
    for (let beat = 0; beat < 20; beat++) {
      await clock.advance(30_000);
      for (const id of ids.slice(6)) await registry.heartbeat(id);
    }
    expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(10);
    expect(registry.staleBecause).toMatch(/most services fell silent at once/);
    expect(registry.lease(ids[0]!)).toMatchObject({ phase: 'preserved', expiresInMs: 0 });
    expect(registry.statistics()).toMatchObject({
      selfPreservation: true,
      leases: { held: 10, silent: 6, preserved: 6 },
    });
    await registry.close();
  });

  it('ends when they are heard again; those that stay silent get half a lease more, then expire', async () => {
    const { clock, registry, ids } = await withServices(10);
    await clock.advance(200_000);
    expect(registry.staleBecause).toBeDefined();
    for (const id of ids.slice(3)) await registry.heartbeat(id);
    await clock.advance(1000);
    expect(registry.staleBecause).toBeUndefined();
    for (const id of ids.slice(3)) await registry.heartbeat(id);
    await clock.advance(44_000);
    expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(10);
    for (const id of ids.slice(3)) await registry.heartbeat(id);
    await clock.advance(1000);
    expect(registry.discoverServices({ states: ['expired'] }).map((record) => record.name)).toEqual(
      expect.arrayContaining(['s0', 's1', 's2']),
    );
    expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(7);
    await registry.close();
  });

  it('is not asked for when few fail, nor among fewer than five', async () => {
    const many = await withServices(10);
    for (let beat = 0; beat < 4; beat++) {
      await many.clock.advance(30_000);
      for (const id of many.ids.slice(5)) await many.registry.heartbeat(id);
    }
    expect(many.registry.discoverServices({ states: ['expired'] })).toHaveLength(5);
    await many.registry.close();
    const few = await withServices(4);
    await few.clock.advance(90_000);
    expect(few.registry.discoverServices({ states: ['expired'] })).toHaveLength(4);
    await few.registry.close();
  });

  it('is turned off by a share of 1, and a wrong share is refused', async () => {
    const clock = new FakeClock();
    const registry = await ServiceRegistry.open({ clock, selfPreservation: { share: 1 } });
    for (let n = 0; n < 10; n++) await registry.registerService(service(n));
    await clock.advance(90_000);
    expect(registry.discoverServices({ states: ['expired'] })).toHaveLength(10);
    await registry.close();
    const wrong = ServiceRegistry.open({ clock, selfPreservation: { share: 50 } });
    await expect(wrong).rejects.toThrow(/share of 0 to 1/);
  });
});

/** A clock whose readings can be moved apart from its timers, as when a machine sleeps or is set. */
class JumpingClock extends FakeClock {
  monotonicBy = 0;
  wallBy = 0;
  override now(): number {
    return super.now() + this.monotonicBy;
  }
  override wall(): number {
    return super.wall() + this.wallBy;
  }
}

describe('clocks that jump', () => {
  it('does not care for the wall clock, a year on or back', async () => {
    const clock = new JumpingClock();
    const { registry, ids } = await withServices(1, clock);
    for (const by of [365 * 86_400_000, -365 * 86_400_000]) {
      clock.wallBy = by;
      await clock.advance(60_000);
      expect(registry.getService(ids[0]!)!.state).toBe('healthy');
      await registry.heartbeat(ids[0]!);
    }
    await registry.close();
  });

  it('does not count time in which the process did not run', async () => {
    const clock = new JumpingClock();
    const { registry, ids } = await withServices(2, clock);
    await clock.advance(10_000);
    clock.monotonicBy += 3_600_000;
    await clock.advance(5000);
    expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(2);
    expect(registry.lease(ids[0]!)!.expiresInMs).toBeGreaterThan(70_000);
    await registry.heartbeat(ids[1]!);
    await clock.advance(80_000);
    expect(registry.getService(ids[0]!)!.state).toBe('expired');
    expect(registry.getService(ids[1]!)!.state).toBe('healthy');
    await registry.close();
  });

  it('stands still while a monotonic clock goes back, and still expires later', async () => {
    const clock = new JumpingClock();
    const { registry, ids } = await withServices(1, clock);
    await clock.advance(20_000);
    clock.monotonicBy = -15_000;
    await clock.advance(20_000);
    expect(registry.lease(ids[0]!)!.expiresInMs).toBeLessThanOrEqual(70_000);
    await clock.advance(100_000);
    expect(registry.getService(ids[0]!)!.state).toBe('expired');
    await registry.close();
  });
});

describe('a store that goes away', () => {
  /** A memory store whose connection can be cut. */
  class Cuttable extends MemoryStore {
    listener: StoreListener | undefined;
    cut = false;
    override open(listener: StoreListener): Promise<void> {
      this.listener = listener;
      return super.open(listener);
    }
    override put(...args: Parameters<MemoryStore['put']>): Promise<number> {
      return this.cut ? Promise.reject(new Error('cut')) : super.put(...args);
    }
  }

  it('leaves stale data rather than none, and gives everybody a whole lease when it is back', async () => {
    const clock = new FakeClock();
    const backend = new MemoryBackend();
    const store = new Cuttable(backend);
    const registry = await ServiceRegistry.open({ clock, store });
    for (let n = 0; n < 4; n++) await registry.registerService(service(n));
    store.cut = true;
    store.listener!.away('the cable is out');
    await clock.advance(600_000);
    expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(4);
    expect(registry.staleBecause).toBe('the store is away: the cable is out');
    expect(registry.statistics().store).toEqual({
      kind: 'memory',
      away: 'the cable is out',
      awayForMs: 600_000,
    });
    store.cut = false;
    const snapshot: StoreSnapshot = { revision: backend.revision, entries: [...backend.entries.values()] };
    store.listener!.back(snapshot);
    expect(registry.staleBecause).toBeUndefined();
    await clock.advance(89_000);
    expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(4);
    await clock.advance(1000);
    expect(registry.discoverServices({ states: ['expired'] })).toHaveLength(4);
    await registry.close();
  });

  it('is filled again when it comes back with less than it had', async () => {
    const clock = new FakeClock();
    const backend = new MemoryBackend();
    const store = new Cuttable(backend);
    const registry = await ServiceRegistry.open({ clock, store });
    for (let n = 0; n < 4; n++) await registry.registerService(service(n));
    const watch = registry.watch({ from: 'now' });
    backend.entries.clear();
    backend.revision = 0;
    store.listener!.away('its disk is gone');
    store.listener!.back({ revision: 0, entries: [] });
    await clock.advance(0);
    expect(registry.getAllServices()).toHaveLength(4);
    expect([...backend.entries.values()].map((entry) => entry.document.name).sort()).toEqual([
      's0',
      's1',
      's2',
      's3',
    ]);
    const { value } = await watch.next();
    expect(value).toMatchObject({ kind: 'resync', services: { length: 4 } });
    await registry.close();
  });

  it('does not end leases that it cannot write down; they are judged again later', async () => {
    const clock = new FakeClock();
    const store = new Cuttable();
    const registry = await ServiceRegistry.open({ clock, store });
    await registry.registerService(service(0));
    store.cut = true;
    await clock.advance(90_000);
    expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(1);
    store.cut = false;
    await clock.advance(90_000);
    expect(registry.discoverServices({ states: ['expired'] })).toHaveLength(1);
    await registry.close();
  });
});

describe('announce', () => {
  it('registers, keeps the lease, registers again when it was lost, and deregisters at the end', async () => {
    const clock = new FakeClock();
    const registry = await ServiceRegistry.open({ clock });
    const announcement = await announce(registry, service(0), clock);
    await clock.advance(1_000_000);
    expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(1);
    await registry.deregister(announcement.record.id);
    await clock.advance(30_000);
    expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(1);
    await announcement.stop();
    expect(registry.getAllServices()).toEqual([]);
    await registry.close();
    await clock.advance(1000);
    expect(clock.pending).toBe(0);
  });
});
