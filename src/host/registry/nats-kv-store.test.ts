import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { natsMissing, startNatsServer, type NatsServer } from '../../../test/fixtures/nats-server.js';
import { NatsKvStore, ServiceRegistry, type Registration } from './index.js';
import { decodeKey, encodeKey } from './nats-keys.js';
import { eventually, storeConformance } from './store-conformance.fixture.js';

const missing = natsMissing();
if (missing !== undefined) console.warn(`Skipped: every test of the NATS KV store, since ${missing}`);

describe('a key of the bucket', () => {
  it.each(['a', 'a.b', 'io.github.x/y@1.0.0', '=41', '-_', 'A:b'])(
    'is made from the id %s and back',
    (id) => {
      expect(encodeKey(id)).toMatch(/^[A-Za-z0-9_=-]+$/);
      expect(decodeKey(encodeKey(id))).toBe(id);
    },
  );
});

describe.skipIf(missing !== undefined)('with a real nats-server', () => {
  let nats: NatsServer;
  let buckets = 0;
  beforeAll(async () => {
    nats = await startNatsServer();
  });
  afterAll(async () => {
    await nats.stop();
  });
  const bucketName = () => `b${++buckets}`;

  storeConformance('NATS KV', () => {
    const bucket = bucketName();
    return Promise.resolve({
      handle: () => new NatsKvStore({ servers: nats.address, bucket }),
      shared: true,
      durable: true,
      dispose: () => Promise.resolve(),
    });
  });

  const service = (n: number): Registration => ({
    name: `s${n}`,
    type: 'mcp_server',
    endpoint: `http://127.0.0.1:${3000 + n}/mcp`,
  });

  describe('two processes, one registry', () => {
    let peer: Peer | undefined;
    let registry: ServiceRegistry | undefined;
    afterEach(async () => {
      await peer?.end();
      await registry?.close();
      peer = registry = undefined;
    });
    const both = async () => {
      const bucket = bucketName();
      registry = await ServiceRegistry.open({ store: new NatsKvStore({ servers: nats.address, bucket }) });
      peer = new Peer(nats.address, bucket);
      await peer.saw((event) => event.kind === 'resync');
      return { registry, peer, bucket };
    };

    it('a watcher sees the other process change something within 100 ms', async () => {
      const { registry, peer } = await both();
      const delays: number[] = [];
      for (let n = 0; n < 40; n++) {
        const before = Number(process.hrtime.bigint()) / 1e6;
        await registry.registerService(service(n));
        const event = await peer.saw((one) => one.kind === 'added' && one.name === `s${n}`);
        delays.push(event.at - before);
      }
      delays.sort((a, b) => a - b);
      // The median, since one pause of a busy machine says nothing about the store.
      expect(delays[20]).toBeLessThan(100);
      expect(registry.getAllServices()).toHaveLength(40);
    });

    it('changes of both are one: updated, never doubled, taken away by either', async () => {
      const { registry, peer } = await both();
      peer.send({ register: { ...service(1), version: '1.0.0' } });
      await eventually(() => registry.discoverServices({ name: 's1' }).length === 1);
      // Only then: a change that follows before the other process was told of this one would be told as one with it.
      await peer.saw((event) => event.kind === 'added' && event.name === 's1');
      const mine = await registry.registerService({ ...service(1), version: '2.0.0' });
      await peer.saw((event) => event.kind === 'updated' && event.name === 's1');
      expect(registry.getAllServices()).toEqual([mine]);
      // Both at once, again and again: compare-and-set lets nothing be lost or doubled.
      for (let round = 0; round < 20; round++) {
        peer.send({ register: { ...service(1), tags: [`peer-${round}`] } });
        await registry.registerService({ ...service(1), tags: [`here-${round}`] });
      }
      peer.send({ register: { ...service(1), version: '3.0.0', tags: ['last'] } });
      await eventually(() => registry.discoverServices({ tags: 'last' }).length === 1);
      expect(registry.getAllServices()).toHaveLength(1);
      peer.send({ deregister: mine.id });
      await eventually(() => registry.getAllServices().length === 0);
    });

    it('NATS is killed and started again: stale data, not none, and then the truth again', async () => {
      const { registry, peer } = await both();
      const ids: string[] = [];
      for (let n = 0; n < 3; n++) ids.push((await registry.registerService(service(n))).id);
      await peer.saw((event) => event.name === 's2');
      await nats.kill();
      await eventually(() => registry.staleBecause !== undefined);
      expect(registry.staleBecause).toBe('the store is away: the connection to NATS broke');
      expect(registry.discoverServices({ healthyOnly: true })).toHaveLength(3);
      await expect(registry.registerService(service(9))).rejects.toMatchObject({ code: 'store-unavailable' });
      await expect(registry.heartbeat(ids[0]!)).resolves.toMatchObject({ phase: 'live' });

      await nats.restart();
      await eventually(() => registry.staleBecause === undefined);
      expect(registry.getAllServices()).toHaveLength(3);
      await registry.registerService(service(10));
      await peer.saw((event) => event.name === 's10' && event.kind === 'added');
      expect(registry.statistics().counts).toMatchObject({ resyncs: 1 });
    });

    it('NATS comes back with an empty disk: the registry fills it again', async () => {
      const { registry, bucket } = await both();
      for (let n = 0; n < 3; n++) await registry.registerService(service(n));
      await nats.kill();
      await eventually(() => registry.staleBecause !== undefined);
      await nats.restart({ empty: true });
      await eventually(() => registry.staleBecause === undefined);
      expect(registry.getAllServices()).toHaveLength(3);
      await eventually(() => registry.revision >= 3);
      const fresh = await ServiceRegistry.open({ store: new NatsKvStore({ servers: nats.address, bucket }) });
      expect(
        fresh
          .getAllServices()
          .map((one) => one.name)
          .sort(),
      ).toEqual(['s0', 's1', 's2']);
      await fresh.close();
    });
  });

  it('leaves out what others put into the bucket, and counts it', async () => {
    const bucket = bucketName();
    const registry = await ServiceRegistry.open({
      store: new NatsKvStore({ servers: nats.address, bucket }),
    });
    const { connect } = await import('@nats-io/transport-node');
    const { Kvm } = await import('@nats-io/kv');
    const connection = await connect({ servers: nats.address });
    const kv = await new Kvm(connection).open(bucket);
    await kv.put('garbage', 'not JSON');
    await kv.put('other', JSON.stringify({ id: 'this', name: 'x' }));
    connection.publish(`dyno.registry.${bucket}.renewed`, 'not JSON either');
    connection.publish(`dyno.registry.${bucket}.renewed`, JSON.stringify({ from: 'x', ids: [1, 'nobody'] }));
    await connection.flush();
    await registry.registerService(service(1));
    await eventually(() => registry.statistics().counts.unreadable === 2);
    expect(registry.getAllServices()).toHaveLength(1);
    await connection.close();
    await registry.close();
  });
});

describe('NATS that is not there', () => {
  it('is named, without the credentials', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    listener.close();
    await once(listener, 'close');
    const store = new NatsKvStore({ servers: `nats://me:secret@127.0.0.1:${port}`, timeoutMs: 500 });
    const refused = ServiceRegistry.open({ store });
    await expect(refused).rejects.toMatchObject({ code: 'target-unreachable', exitCode: 111 });
    await expect(refused).rejects.toThrow(new RegExp(`NATS at nats://127.0.0.1:${port} cannot be reached`));
    await expect(refused).rejects.not.toThrow(/secret/);
    expect(() => new NatsKvStore({ bucket: 'a b' })).toThrow(/bucket of a NATS store/);
  });
});

interface PeerEvent {
  at: number;
  kind: string;
  name?: string;
}

/** The other process. */
class Peer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #events: PeerEvent[] = [];

  constructor(servers: string, bucket: string) {
    const script = fileURLToPath(new URL('../../../test/fixtures/registry-peer.mjs', import.meta.url));
    this.#child = spawn(process.execPath, [script, servers, bucket]);
    this.#child.stderr.pipe(process.stderr);
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#events.push(JSON.parse(line) as PeerEvent);
    });
  }

  send(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  async saw(matches: (event: PeerEvent) => boolean): Promise<PeerEvent> {
    await eventually(() => this.#events.some(matches));
    return this.#events.find(matches)!;
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    clearTimeout(timer);
  }
}
