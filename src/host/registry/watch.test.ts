import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/index.js';
import { ServiceRegistry, type Registration, type ServiceEvent, type ServiceWatch } from './index.js';

const service = (name: string, tags: string[] = []): Registration => ({
  name,
  type: 'mcp_server',
  endpoint: `http://127.0.0.1/${name}`,
  ttl: 'none',
  tags,
});

const open = (options = {}) => ServiceRegistry.open({ clock: new FakeClock(), ...options });

/** Takes this many events, each as its kind, the names in it, and its revision. */
async function take(watch: ServiceWatch, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { value } = await watch.next();
    seen.push(brief(value!));
  }
  return seen;
}

function brief(event: ServiceEvent): string {
  if (event.kind !== 'resync') return `${event.kind} ${event.service.name} @${event.revision}`;
  return `resync ${event.services
    .map((one) => one.name)
    .sort()
    .join(',')} @${event.revision}`;
}

describe('watching', () => {
  it('starts with everything, then gives every change in order', async () => {
    const registry = await open();
    const { id } = await registry.registerService(service('a'));
    const watch = registry.watch();
    expect(await take(watch, 1)).toEqual(['resync a @1']);
    await registry.registerService(service('b'));
    await registry.updateStatus(id, 'degraded');
    await registry.deregister(id);
    expect(await take(watch, 3)).toEqual(['added b @2', 'updated a @3', 'removed a @4']);
    expect(watch.revision).toBe(4);
    await registry.close();
  });

  it('goes on from a revision, as if it had never stopped', async () => {
    const registry = await open();
    for (const name of ['a', 'b', 'c']) await registry.registerService(service(name));
    await registry.deregister(registry.discoverServices({ name: 'a' })[0]!.id);
    expect(await take(registry.watch({ from: 2 }), 2)).toEqual(['added c @3', 'removed a @4']);
    const now = registry.watch({ from: 'now' });
    await registry.registerService(service('d'));
    expect(await take(now, 1)).toEqual(['added d @5']);
    await registry.close();
  });

  it('resyncs when the changes since are forgotten, or the revision is not of this store', async () => {
    const registry = await open({ historyLimit: 5 });
    for (let n = 0; n < 30; n++) await registry.registerService(service('s', [`t${n}`]));
    expect(await take(registry.watch({ from: 3 }), 1)).toEqual(['resync s @30']);
    expect(await take(registry.watch({ from: 29 }), 1)).toEqual(['updated s @30']);
    expect(await take(registry.watch({ from: 999 }), 1)).toEqual(['resync s @30']);
    await registry.close();
  });

  it('costs a slow reader bounded memory, and ends with the truth', async () => {
    const registry = await open();
    const watch = registry.watch({ from: 'now', bound: 10 });
    for (let n = 0; n < 1000; n++) await registry.registerService(service(`s${n % 3}`, [`t${n}`]));
    expect(await take(watch, 1)).toEqual(['resync s0,s1,s2 @1000']);
    await registry.registerService(service('last'));
    expect(await take(watch, 1)).toEqual(['added last @1001']);
    await registry.close();
  });

  it('sees services enter and leave a query', async () => {
    const registry = await open();
    const watch = registry.watch({ query: { tags: 'eu', healthyOnly: true } });
    await registry.registerService(service('a', ['us']));
    const { id } = await registry.registerService(service('b', ['eu']));
    await registry.updateStatus(id, 'unhealthy');
    await registry.updateStatus(id, 'degraded');
    await registry.updateStatus(id, 'healthy');
    await registry.registerService({ ...service('b', ['eu']), version: '2.0.0' });
    await registry.deregister(id);
    expect(await take(watch, 1)).toEqual(['resync  @7']);
    const from = registry.watch({ from: 1, query: { tags: 'eu', healthyOnly: true } });
    expect(await take(from, 5)).toEqual([
      'added b @2',
      'removed b @3',
      'added b @5',
      'updated b @6',
      'removed b @7',
    ]);
    await registry.close();
  });

  it('ends by close, by the signal, by leaving the loop, and with the registry', async () => {
    const registry = await open();
    const stop = new AbortController();
    const watches = [registry.watch({ from: 'now' }), registry.watch({ from: 'now', signal: stop.signal })];
    const ends = watches.map((watch) => watch.next());
    watches[0]!.close();
    stop.abort();
    for (const end of ends) expect(await end).toEqual({ done: true, value: undefined });
    await registry.registerService(service('a'));
    for await (const event of registry.watch()) {
      expect(brief(event)).toBe('resync a @1');
      break;
    }
    expect(registry.statistics().watchers).toBe(0);
    const last = registry.watch({ from: 'now' }).next();
    await registry.close();
    expect((await last).done).toBe(true);
    expect((await registry.watch().next()).done).toBe(true);
  });

  it('lets several wait at once, and loses no event between them', async () => {
    const registry = await open();
    const watch = registry.watch({ from: 'now' });
    const waiting = [watch.next(), watch.next(), watch.next()];
    for (const name of ['a', 'b', 'c']) await registry.registerService(service(name));
    const seen = (await Promise.all(waiting)).map(({ value }) => brief(value!));
    expect(seen.sort()).toEqual(['added a @1', 'added b @2', 'added c @3']);
    await registry.close();
  });

  it('refuses a start that is no revision', async () => {
    const registry = await open();
    expect(() => registry.watch({ from: -1 })).toThrow(/revision or "now", got -1/);
    expect(() => registry.watch({ from: 'then' as 'now' })).toThrow(/got "then"/);
    await registry.close();
  });
});
