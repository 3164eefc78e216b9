import { describe, expect, it } from 'vitest';
import { FakeClock, type JsonObject } from '../../core/index.js';
import { ServiceRegistry, type Registration } from './index.js';

const files: Registration = {
  name: 'files',
  type: 'mcp_server',
  version: '1.4.0',
  endpoint: 'http://127.0.0.1:3001/mcp',
  capabilities: ['tools', 'resources'],
  tags: ['storage', 'eu'],
};

const open = (clock = new FakeClock()) => ServiceRegistry.open({ clock });

describe('registering', () => {
  it('gives a record that look-ups by id, name, type, tag and capability find', async () => {
    const registry = await open();
    const record = await registry.registerService(files);
    expect(record).toMatchObject({ ...files, state: 'healthy', breaker: 'closed', ttl: 90_000, revision: 1 });
    expect(registry.getService(record.id)).toBe(record);
    for (const query of [
      { name: 'files' },
      { type: 'mcp_server' as const },
      { tags: 'eu' },
      { tags: ['storage', 'eu'] },
      { capabilities: 'tools' },
      { version: '^1.2' },
      { type: ['mcp_client', 'mcp_server'] as const, healthyOnly: true },
    ]) {
      expect(registry.discoverServices(query), JSON.stringify(query)).toEqual([record]);
    }
    for (const query of [
      { name: 'file' },
      { type: 'mcp_client' as const },
      { tags: ['eu', 'us'] },
      { capabilities: 'prompts' },
      { version: '^2' },
      { states: ['draining' as const] },
    ]) {
      expect(registry.discoverServices(query), JSON.stringify(query)).toEqual([]);
    }
    await registry.close();
  });

  it('never doubles: the same type, name and endpoint are the same service, whatever else changes', async () => {
    const registry = await open();
    const first = await registry.registerService(files);
    for (let round = 0; round < 50; round++) {
      const tags = ['storage', `round-${round}`];
      const again = await registry.registerService({ ...files, version: `1.4.${round}`, tags });
      expect(again.id).toBe(first.id);
      expect(again.registeredAt).toBe(first.registeredAt);
      expect(registry.getAllServices()).toEqual([again]);
      expect(registry.discoverServices({ tags: 'eu' })).toEqual([]);
      expect(registry.discoverServices({ tags: `round-${round - 1}` })).toEqual([]);
    }
    expect(registry.statistics()).toMatchObject({
      services: 1,
      keys: { names: 1, tags: 2, capabilities: 2 },
      counts: { registered: 1, reregistered: 50 },
    });
    await registry.close();
  });

  it('never doubles when many registrations of one service run at once', async () => {
    const registry = await open();
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, i) => registry.registerService({ ...files, version: `1.0.${i}` })),
    );
    expect(new Set(all.map((record) => record.id)).size).toBe(1);
    expect(registry.getAllServices()).toHaveLength(1);
    expect(registry.getService(all[0]!.id)!.version).toBe('1.0.199');
    await registry.close();
  });

  it('keeps replicas of one name apart by their endpoint, and a moving service together by its id', async () => {
    const registry = await open();
    await registry.registerService(files);
    await registry.registerService({ ...files, endpoint: 'http://127.0.0.1:3002/mcp' });
    expect(registry.discoverServices({ name: 'files' })).toHaveLength(2);
    const own = { ...files, name: 'own', id: 'own-1' };
    await registry.registerService(own);
    const moved = await registry.registerService({ ...own, endpoint: 'http://127.0.0.1:4000/mcp' });
    expect(registry.discoverServices({ name: 'own' })).toEqual([moved]);
    await registry.close();
  });

  it('changes no revision and tells nobody when nothing changes', async () => {
    const registry = await open();
    const record = await registry.registerService(files);
    const again = await registry.registerService({ ...files, tags: ['storage', 'eu'] });
    expect(again).toBe(record);
    expect(registry.revision).toBe(1);
    await registry.close();
  });

  it('is not reached by later changes to what it was given, nor to what it gave', async () => {
    const registry = await open();
    const metadata: JsonObject = { owner: { team: 'a' } };
    const record = await registry.registerService({ ...files, metadata });
    (metadata['owner'] as JsonObject)['team'] = 'b';
    expect(record.metadata).toEqual({ owner: { team: 'a' } });
    expect(() => ((record.metadata['owner'] as JsonObject)['team'] = 'c')).toThrow(TypeError);
    expect(() => (record.tags as string[]).push('x')).toThrow(TypeError);
    await registry.close();
  });
});

describe('states', () => {
  it('are separate from the circuit breaker, which stays on this host', async () => {
    const registry = await open();
    const { id } = await registry.registerService(files);
    registry.updateBreaker(id, 'open');
    expect(registry.getService(id)).toMatchObject({ state: 'healthy', breaker: 'open', revision: 1 });
    expect(registry.discoverServices({ tags: 'eu', healthyOnly: true })).toHaveLength(1);
    await registry.updateStatus(id, 'draining', 'going down for an update');
    expect(registry.getService(id)).toMatchObject({
      state: 'draining',
      stateReason: 'going down for an update',
      breaker: 'open',
    });
    expect(registry.discoverServices({ tags: 'eu', healthyOnly: true })).toEqual([]);
    expect(registry.discoverServices({ tags: 'eu', states: ['draining'] })).toHaveLength(1);
    expect(registry.statistics()).toMatchObject({
      byState: { healthy: 0, draining: 1 },
      byBreaker: { closed: 0, open: 1, half_open: 0 },
    });
    await registry.updateStatus(id, 'healthy');
    expect(registry.getService(id)).not.toHaveProperty('stateReason');
    await registry.close();
  });

  it('survive a registration that says nothing of them, except stopped and expired', async () => {
    const registry = await open();
    const { id } = await registry.registerService({ ...files, state: 'starting' });
    expect((await registry.registerService({ ...files, version: '2.0.0' })).state).toBe('starting');
    await registry.updateStatus(id, 'unhealthy', 'disk full');
    const still = await registry.registerService({ ...files, version: '2.0.1' });
    expect(still).toMatchObject({ state: 'unhealthy', stateReason: 'disk full' });
    await registry.updateStatus(id, 'stopped');
    expect((await registry.registerService(files)).state).toBe('healthy');
    await registry.close();
  });

  it('can all be given but expired', async () => {
    const registry = await open();
    const { id } = await registry.registerService(files);
    await expect(registry.updateStatus(id, 'expired' as 'healthy')).rejects.toThrow(/got "expired"/);
    await expect(registry.updateStatus(id, 'fine' as 'healthy')).rejects.toThrow(/one of starting, .*"fine"/);
    expect(() => registry.updateBreaker(id, 'ajar' as 'open')).toThrow(/closed, open, half_open, got "ajar"/);
    await registry.close();
  });
});

describe('deregistering', () => {
  it('takes a service out of every index, and says whether it was there', async () => {
    const registry = await open();
    const { id } = await registry.registerService(files);
    expect(await registry.deregister(id)).toBe(true);
    expect(await registry.deregister(id)).toBe(false);
    expect(registry.getService(id)).toBeUndefined();
    expect(registry.discoverServices({ tags: 'eu' })).toEqual([]);
    expect(registry.lease(id)).toBeUndefined();
    expect(registry.statistics().keys).toEqual({ names: 0, tags: 0, capabilities: 0 });
    await expect(registry.heartbeat(id)).rejects.toMatchObject({ code: 'unknown-service' });
    await registry.close();
  });
});

describe('wrong and hostile input', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['no object', 'files', /registration to be an object, got "files"/],
    ['no name', { ...files, name: undefined }, /name of a service to be a text, got undefined/],
    ['an empty name', { ...files, name: ' ' }, /name of a service .* empty/],
    ['a name of 300 characters', { ...files, name: 'x'.repeat(300) }, /at most 200 characters, got 300/],
    ['a line break in the name', { ...files, name: 'a\nb' }, /no control or invisible characters/],
    ['a look-alike by a zero-width space', { ...files, name: 'fi\u200bles' }, /no control or invisible/],
    ['a direction override', { ...files, name: 'fi\u202eles' }, /no control or invisible/],
    ['half a surrogate pair', { ...files, name: 'a\ud800' }, /no control or invisible/],
    ['an unknown type', { ...files, type: 'server' }, /type of service "files" to be one of mcp_server/],
    ['a relative endpoint', { ...files, endpoint: '/mcp' }, /endpoint .* absolute URI, got "\/mcp"/],
    [
      'a password in the endpoint',
      { ...files, endpoint: 'http://me:secret@h/' },
      /no user name or password$/,
    ],
    ['too many tags', { ...files, tags: Array.from({ length: 65 }, String) }, /tags .* at most 64, got 65/],
    ['tags that are no texts', { ...files, tags: [1] }, /each of the tags .* to be a text, got 1/],
    ['capabilities that are no array', { ...files, capabilities: 'tools' }, /array of texts, got "tools"/],
    ['large metadata', { ...files, metadata: { a: 'x'.repeat(40_000) } }, /at most 32768 bytes, got 40008/],
    ['metadata in a circle', { ...files, metadata: circle() }, /cannot be written as such/],
    ['deep metadata', { ...files, metadata: nested(40) }, /at most 32 levels deep/],
    ['metadata that is a date', { ...files, metadata: new Date(0) }, /to be a plain object/],
    ['a short ttl', { ...files, ttl: 5 }, /ttl .* 100 to 86400000 milliseconds or "none", got 5/],
    ['a ttl that is no number', { ...files, ttl: NaN }, /ttl .* got NaN/],
    ['a bad id', { ...files, id: '../../etc passwd' }, /id of a service .* got "..\/..\/etc passwd"/],
    ['state expired', { ...files, state: 'expired' }, /got "expired"/],
  ];
  it.each(wrong)('%s is refused in one sentence, and changes nothing', async (_name, given, message) => {
    const registry = await open();
    const refused = registry.registerService(given as Registration);
    await expect(refused).rejects.toMatchObject({ name: 'DynoError', exitCode: 104 });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow(/secret|[\n\u202e]/);
    expect(registry.statistics().services).toBe(0);
    await registry.close();
  });

  it('takes paths, scripts and object members as plain texts', async () => {
    const registry = await open();
    const names = [
      '../../etc/passwd',
      '<script>alert(1)</script>',
      '__proto__',
      'constructor',
      'файлы',
      '🗂️'.normalize(),
    ];
    for (const name of names) {
      await registry.registerService({ ...files, name, tags: [name], capabilities: [name] });
      expect(registry.discoverServices({ name })).toHaveLength(1);
      expect(registry.discoverServices({ tags: name, capabilities: name })).toHaveLength(1);
    }
    expect(registry.discoverServices({ tags: 'toString' })).toEqual([]);
    await registry.close();
  });

  it('sees one name in two Unicode forms as one', async () => {
    const registry = await open();
    await registry.registerService({ ...files, name: 'caf\u00e9' });
    await registry.registerService({ ...files, name: 'cafe\u0301' });
    expect(registry.getAllServices()).toHaveLength(1);
    expect(registry.discoverServices({ name: 'cafe\u0301' })).toHaveLength(1);
    await registry.close();
  });

  it('names what is wrong in a query, unknown fields too', async () => {
    const registry = await open();
    const look = (query: object) => () => registry.discoverServices(query);
    expect(look({ tag: 'eu' })).toThrow(/no field "tag"/);
    expect(look({ type: 'server' })).toThrow(/type in a query .* "server"/);
    expect(look({ version: 'newest' })).toThrow(/version range .* "newest"/);
    expect(look({ version: '1'.repeat(300) })).toThrow(/at most 256/);
    expect(look({ tags: [7] })).toThrow(/tags in a query to be texts, got 7/);
    expect(look({ states: ['well'] })).toThrow(/states in a query .* "well"/);
    expect(look({ healthyOnly: true, states: ['healthy'] })).toThrow(/not both/);
    expect(look({ limit: 0 })).toThrow(/limit .* from 1, got 0/);
    await registry.close();
  });

  it('is full when it is full, for new services only', async () => {
    const registry = await ServiceRegistry.open({ clock: new FakeClock(), maxServices: 2 });
    await registry.registerService({ ...files, name: 'a' });
    await registry.registerService({ ...files, name: 'b' });
    const third = registry.registerService({ ...files, name: 'c' });
    await expect(third).rejects.toMatchObject({ code: 'registry-full', message: /it holds 2 services/ });
    await registry.registerService({ ...files, name: 'a', version: '9.0.0' });
    await registry.close();
  });
});

function circle(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

function nested(levels: number): object {
  return levels === 0 ? {} : { inner: nested(levels - 1) };
}
