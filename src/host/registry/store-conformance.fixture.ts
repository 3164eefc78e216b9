import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, systemClock } from '../../core/index.js';
import { ServiceRegistry, type Registration } from './index.js';
import {
  StoreConflict,
  type RegistryStore,
  type StoreChange,
  type StoreListener,
  type StoreSnapshot,
} from './store.js';
import type { ServiceDocument } from './service.js';

/** A place in which stores keep something, for one test. */
export interface StorePlace {
  /** A new handle; with `shared`, all handles see each other's changes. */
  handle(): RegistryStore;
  /** Whether several handles may be open at once. */
  shared: boolean;
  /** Whether what was written is there for a handle that is opened after all others were closed. */
  durable: boolean;
  dispose(): Promise<void>;
}

const document = (id: string, over: Partial<ServiceDocument> = {}): ServiceDocument => ({
  id,
  name: id,
  type: 'mcp_server',
  version: '1.0.0',
  endpoint: 'http://127.0.0.1/',
  capabilities: ['tools'],
  tags: ['é', '__proto__'],
  metadata: { nested: { list: [1, null, 'ü\n"'] } },
  ttl: 90_000,
  state: 'healthy',
  registeredAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_001,
  ...over,
});

class Recorder implements StoreListener {
  snapshot: StoreSnapshot | undefined;
  changes: StoreChange[] = [];
  renewals: string[] = [];
  opened(snapshot: StoreSnapshot): void {
    this.snapshot = snapshot;
  }
  changed(change: StoreChange): void {
    this.changes.push(change);
  }
  renewed(ids: readonly string[]): void {
    this.renewals.push(...ids);
  }
  unreadable(key: string, why: string): void {
    throw new Error(`${key}: ${why}`);
  }
  away(reason: string): void {
    throw new Error(reason);
  }
  back(): void {
    throw new Error('back, but never away');
  }
}

/** What every store must do, whatever it keeps its services in. */
export function storeConformance(name: string, place: () => Promise<StorePlace>): void {
  describe(`${name} as a registry store`, () => {
    let here: StorePlace;
    const handles: RegistryStore[] = [];
    const open = async (): Promise<{ store: RegistryStore; seen: Recorder }> => {
      const store = here.handle();
      const seen = new Recorder();
      handles.push(store);
      await store.open(seen);
      return { store, seen };
    };
    beforeEach(async () => {
      here = await place();
    });
    afterEach(async () => {
      for (const handle of handles.splice(0)) await handle.close();
      await here.dispose();
    });

    it('begins empty, at revision 0', async () => {
      const { seen } = await open();
      expect(seen.snapshot).toEqual({ revision: 0, entries: [] });
    });

    it('gives back what was put, to the letter, with growing revisions and in order', async () => {
      const { store, seen } = await open();
      const first = await store.put(document('a'), 0);
      const second = await store.put(document('b'), 0);
      const third = await store.put(document('a', { state: 'draining', stateReason: 'why' }), first);
      expect(second).toBeGreaterThan(first);
      expect(third).toBeGreaterThan(second);
      expect(seen.changes).toEqual([
        { revision: first, id: 'a', document: document('a') },
        { revision: second, id: 'b', document: document('b') },
        { revision: third, id: 'a', document: document('a', { state: 'draining', stateReason: 'why' }) },
      ]);
    });

    it('has told the listener before a write is acknowledged', async () => {
      const { store, seen } = await open();
      for (let n = 0; n < 50; n++) {
        const revision = await store.put(document(`s${n}`), 0);
        expect(seen.changes.at(-1)).toMatchObject({ revision, id: `s${n}` });
      }
    });

    it('refuses a write over a change that the writer has not seen', async () => {
      const { store, seen } = await open();
      const first = await store.put(document('a'), 0);
      await expect(store.put(document('a'), 0)).rejects.toBeInstanceOf(StoreConflict);
      const second = await store.put(document('a', { version: '2.0.0' }), first);
      await expect(store.put(document('a'), first)).rejects.toBeInstanceOf(StoreConflict);
      await expect(store.remove('a', first)).rejects.toBeInstanceOf(StoreConflict);
      await expect(store.remove('nobody', first)).rejects.toBeInstanceOf(StoreConflict);
      expect(seen.changes).toHaveLength(2);
      await store.remove('a', second);
      await expect(store.put(document('a'), second)).rejects.toBeInstanceOf(StoreConflict);
    });

    it('lets exactly one of many writers at once win', async () => {
      const { store, seen } = await open();
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) => store.put(document('a', { version: `1.0.${n}` }), 0)),
      );
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      await store.settle('a');
      expect(seen.changes).toHaveLength(1);
    });

    it('takes away, and takes back what was taken away', async () => {
      const { store, seen } = await open();
      const first = await store.put(document('a'), 0);
      const removed = await store.remove('a', first);
      expect(seen.changes.at(-1)).toEqual({ revision: removed, id: 'a' });
      const again = await store.put(document('a'), 0);
      expect(again).toBeGreaterThan(removed);
      expect(removed).toBeGreaterThan(first);
    });

    it('takes every id that a registration may have', async () => {
      const { store, seen } = await open();
      const ids = ['a.b', '.a', 'a..b', 'io.github.x/y@1.0.0', 'A:b', '-', 'x'.repeat(128)];
      for (const id of ids) await store.remove(id, await store.put(document(id), 0));
      expect(seen.changes.map((change) => change.id)).toEqual(ids.flatMap((id) => [id, id]));
    });

    it('refuses writes once it is closed', async () => {
      const { store } = await open();
      await store.put(document('a'), 0);
      await store.close();
      if (store.kind !== 'memory') {
        await expect(store.put(document('b'), 0)).rejects.toMatchObject({ code: 'store-unavailable' });
      }
      await store.close();
    });

    it('keeps everything for the next one, if it keeps things at all', async () => {
      const { store } = await open();
      const first = await store.put(document('a'), 0);
      const gone = await store.put(document('gone'), 0);
      await store.remove('gone', gone);
      const last = await store.put(document('b'), 0);
      await store.close();
      if (!here.durable) return;
      const { store: next, seen } = await open();
      expect(seen.snapshot!.revision).toBe(last);
      expect(new Set(seen.snapshot!.entries)).toEqual(
        new Set([
          { revision: first, document: document('a') },
          { revision: last, document: document('b') },
        ]),
      );
      expect(await next.put(document('a', { version: '2.0.0' }), first)).toBeGreaterThan(last);
    });

    it('keeps handles on one place in step', async () => {
      if (!here.shared) return;
      const one = await open();
      const two = await open();
      const first = await one.store.put(document('a'), 0);
      await expect(two.store.put(document('a'), 0)).rejects.toBeInstanceOf(StoreConflict);
      await two.store.settle('a');
      const second = await two.store.put(document('a', { version: '2.0.0' }), first);
      await one.store.settle('a');
      expect(one.seen.changes.map((change) => change.revision)).toEqual([first, second]);
      expect(two.seen.changes).toEqual(one.seen.changes);
      one.store.renew(['a']);
      await eventually(() => two.seen.renewals.length > 0);
      expect(two.seen.renewals).toEqual(['a']);
      expect(one.seen.renewals).toEqual([]);
    });

    it('carries a registry: leases end, what is registered twice is there once, watches follow', async () => {
      const clock = new FakeClock();
      const registry = await ServiceRegistry.open({ store: here.handle(), clock });
      const service: Registration = { name: 'a', type: 'mcp_server', endpoint: 'http://127.0.0.1/' };
      const watch = registry.watch({ from: 'now' });
      const { id } = await registry.registerService(service);
      await registry.registerService(service);
      await registry.registerService({ ...service, version: '2.0.0' });
      expect(registry.getAllServices()).toHaveLength(1);
      await clock.advance(90_000);
      const kinds: string[] = [];
      for await (const event of watch) {
        kinds.push(event.kind === 'resync' ? event.kind : `${event.kind} ${event.service.state}`);
        if (kinds.length === 3) break;
      }
      expect(kinds).toEqual(['added healthy', 'updated healthy', 'updated expired']);
      await registry.heartbeat(id);
      expect(registry.getService(id)!.state).toBe('healthy');
      expect(await registry.deregister(id)).toBe(true);
      await registry.close();
    });

    it('carries several registries at once: a heartbeat to one keeps a lease with all', async () => {
      if (!here.shared) return;
      const clock = new FakeClock();
      const one = await ServiceRegistry.open({ store: here.handle(), clock });
      const two = await ServiceRegistry.open({ store: here.handle(), clock });
      const { id } = await one.registerService({
        name: 'a',
        type: 'mcp_server',
        endpoint: 'http://127.0.0.1/',
      });
      await eventually(() => two.getService(id) !== undefined);
      for (let beat = 0; beat < 4; beat++) {
        await clock.advance(60_000);
        await two.heartbeat(id);
        await eventually(() => one.lease(id)!.expiresInMs > 80_000);
      }
      expect(one.getService(id)!.state).toBe('healthy');
      await clock.advance(90_000);
      await eventually(
        () => one.getService(id)!.state === 'expired' && two.getService(id)!.state === 'expired',
      );
      expect(one.getService(id)).toEqual(two.getService(id));
      await one.close();
      await two.close();
    });
  });
}

/** Waits, for at most fifteen seconds, until something holds. */
export async function eventually(holds: () => boolean): Promise<void> {
  const end = systemClock.now() + 15_000;
  while (!holds()) {
    if (systemClock.now() > end) throw new Error(`did not come to hold in 15 s: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
