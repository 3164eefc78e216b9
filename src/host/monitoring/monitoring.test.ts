import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/index.js';
import { ServiceRegistry } from '../registry/index.js';
import { defaultAlertRules, Monitoring, type AlertNotification, type AlertSink } from './index.js';

function opened(over: { process?: boolean; maxSeriesPerMetric?: number } = {}) {
  const clock = new FakeClock();
  const told: AlertNotification[] = [];
  const sink: AlertSink = {
    name: 'test',
    send(notification) {
      told.push(notification);
      return Promise.resolve();
    },
  };
  const monitoring = new Monitoring({ clock, sinks: [sink], process: false, ...over });
  const fired = () => told.filter(({ kind }) => kind === 'firing').map(({ alert }) => alert.rule);
  return { clock, monitoring, told, fired };
}

/** How to make each default rule fire, by what the host really does. The key is the rule's name. */
const causes: Record<string, (given: ReturnType<typeof opened>) => Promise<void>> = {
  async 'operation-errors'({ monitoring, clock }) {
    for (let round = 0; round < 12; round++) {
      for (let n = 0; n < 10; n++) {
        const failed = n < 2;
        const operation = {
          side: 'client',
          method: 'tools/call',
          tool: 'echo',
          server: 'a',
          durationMs: 5,
        } as const;
        monitoring.recordOperation(failed ? { ...operation, errorType: 'tool_error' } : operation);
        monitoring.recordOperation({ ...operation, server: 'fine' });
      }
      await clock.advance(10_000);
    }
  },
  async 'operation-latency'({ monitoring, clock }) {
    for (let n = 0; n < 200; n++) {
      monitoring.recordOperation({
        side: 'client',
        method: 'tools/call',
        tool: 'slow',
        durationMs: n < 190 ? 5 : 6000,
      });
    }
    await clock.advance(140_000);
  },
  async 'services-expired'({ monitoring, clock }) {
    const registry = await ServiceRegistry.open({ clock });
    monitoring.observeRegistry(registry);
    await registry.registerService({ name: 'a', type: 'mcp_server', endpoint: 'http://127.0.0.1/' });
    await clock.advance(100_000);
    await registry.close();
  },
  async 'services-unhealthy'({ monitoring, clock }) {
    const registry = await ServiceRegistry.open({ clock });
    monitoring.observeRegistry(registry);
    const { id } = await registry.registerService({
      name: 'a',
      type: 'mcp_server',
      endpoint: 'http://h/',
      ttl: 'none',
    });
    await registry.updateStatus(id, 'unhealthy');
    await clock.advance(80_000);
    await registry.close();
  },
  async 'registry-self-preservation'({ monitoring, clock }) {
    const registry = await ServiceRegistry.open({ clock });
    monitoring.observeRegistry(registry);
    for (let n = 0; n < 6; n++) {
      await registry.registerService({ name: 'a', type: 'mcp_server', endpoint: `http://127.0.0.1/${n}` });
    }
    await clock.advance(110_000);
    await registry.close();
  },
  async 'registry-store-away'({ monitoring, clock }) {
    const { MemoryStore } = await import('../registry/index.js');
    const store = new MemoryStore();
    const open = store.open.bind(store);
    let cut: () => void = () => undefined;
    store.open = (listener) => {
      cut = () => {
        listener.away('cut');
      };
      return open(listener);
    };
    const registry = await ServiceRegistry.open({ clock, store });
    monitoring.observeRegistry(registry);
    cut();
    await clock.advance(60_000);
    await registry.close();
  },
  async 'breakers-open'({ monitoring, clock }) {
    const registry = await ServiceRegistry.open({ clock });
    monitoring.observeRegistry(registry);
    const { id } = await registry.registerService({
      name: 'a',
      type: 'mcp_server',
      endpoint: 'http://h/',
      ttl: 'none',
    });
    registry.updateBreaker(id, 'open');
    await clock.advance(80_000);
    await registry.close();
  },
  async 'event-loop-delay'({ clock }) {
    for (let round = 0; round < 5; round++) {
      // Truly blocks the event loop, which alone makes the metric rise; the turns before and after let it be measured.
      await new Promise((resolve) => setTimeout(resolve, 60));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
      await new Promise((resolve) => setTimeout(resolve, 60));
      await clock.advance(10_000);
    }
  },
  async 'heap-nearly-full'({ monitoring, clock }) {
    // The heap is not really filled: the gauge that this process feeds is set after it, as a full heap would.
    monitoring.collect(() => {
      monitoring.recordMetric('dyno.process.heap.share', 0.95, 'gauge');
    });
    await clock.advance(60_000);
  },
  async 'label-overflow'({ monitoring, clock }) {
    await clock.advance(20_000);
    for (let n = 0; n < 60; n++) monitoring.recordMetric('calls', 1, 'counter', { tool: `t${n}` });
    await clock.advance(20_000);
  },
  async 'alert-sink-failing'({ monitoring, clock }) {
    await clock.advance(20_000);
    monitoring.recordMetric('dyno.alerts.notifications', 1, 'counter', { sink: 'webhook', result: 'failed' });
    await clock.advance(20_000);
  },
};

describe('the default alert rules', () => {
  it('each have a cause below', () => {
    expect(Object.keys(causes).sort()).toEqual(defaultAlertRules.map((rule) => rule.name).sort());
  });

  it.each(defaultAlertRules.map((rule) => rule.name))(
    '%s fires, once, when what it is for happens',
    async (name) => {
      const given = opened({ process: true, maxSeriesPerMetric: 50 });
      await causes[name]!(given);
      expect(given.fired().filter((rule) => rule === name)).toEqual([name]);
      await given.monitoring.close();
    },
  );

  it('are silent for a host that is well', async () => {
    const { monitoring, clock, told } = opened();
    const registry = await ServiceRegistry.open({ clock });
    monitoring.observeRegistry(registry);
    const { id } = await registry.registerService({
      name: 'a',
      type: 'mcp_server',
      endpoint: 'http://127.0.0.1/',
    });
    for (let round = 0; round < 60; round++) {
      for (let n = 0; n < 20; n++) {
        monitoring.recordOperation({
          side: 'client',
          method: 'tools/call',
          tool: 'echo',
          server: 'a',
          durationMs: n,
        });
      }
      await registry.heartbeat(id);
      await clock.advance(10_000);
    }
    expect(told).toEqual([]);
    await registry.close();
    await monitoring.close();
  });
});

describe('monitoring', () => {
  it('tells a failing sink from a good one, counts both, and does not wait for either', async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    const monitoring = new Monitoring({
      clock,
      process: false,
      rules: [{ name: 'r', severity: 'info', signal: { kind: 'value', metric: 'm' }, op: '>', threshold: 0 }],
      delivery: { attempts: 1, timeoutMs: 1000 },
      sinks: [
        { name: 'good', send: ({ kind }) => Promise.resolve(void seen.push(kind)) },
        { name: 'bad', send: () => Promise.reject(new Error('no')) },
        { name: 'stuck', send: () => new Promise(() => undefined) },
      ],
    });
    monitoring.recordMetric('m', 1);
    await clock.advance(20_000);
    expect(seen).toEqual(['firing']);
    expect(monitoring.sinkReports()).toMatchObject([
      { name: 'good', sent: 1 },
      { name: 'bad', failed: 1, lastError: 'no' },
      { name: 'stuck', failed: 1, lastError: 'it took longer than 1000 ms' },
    ]);
    expect(
      monitoring.getMetric('dyno.alerts.notifications', { sink: 'bad', result: 'failed' }),
    ).toMatchObject({ value: 1 });
    await monitoring.close();
    await clock.advance(1000);
    expect(clock.pending).toBe(0);
  });

  it('measures itself and this process, and survives a collector that throws', async () => {
    const { monitoring, clock } = opened({ process: true });
    monitoring.collect(() => {
      throw new Error('no');
    });
    const stop = monitoring.collect(() => {
      monitoring.recordMetric('collected', 1, 'counter');
    });
    await clock.advance(10_000);
    stop();
    const text = monitoring.prometheus();
    expect(text).toMatch(/^process_memory_usage_bytes \d{7,}$/m);
    expect(text).toMatch(/^nodejs_eventloop_delay_p99_seconds [\d.e-]+$/m);
    expect(text).toMatch(/^dyno_process_heap_share 0\.\d+$/m);
    expect(text).toMatch(/^dyno_monitoring_collector_failures_total 2$/m);
    expect(text).toMatch(/^collected_total 1$/m);
    await monitoring.close();
  });

  it('shows a registry by state, breaker, lease and event', async () => {
    const { monitoring, clock } = opened();
    const registry = await ServiceRegistry.open({ clock });
    const stop = monitoring.observeRegistry(registry, 'r1');
    await registry.registerService({ name: 'a', type: 'mcp_server', endpoint: 'http://127.0.0.1/' });
    const text = monitoring.prometheus();
    expect(text).toContain('dyno_registry_services{registry="r1",state="healthy"} 1');
    expect(text).toContain('dyno_registry_breakers{breaker="closed",registry="r1"} 1');
    expect(text).toContain('dyno_registry_leases{phase="held",registry="r1"} 1');
    expect(text).toContain('dyno_registry_events_total{event="registered",registry="r1"} 1');
    expect(text).toContain('dyno_registry_store_away{registry="r1"} 0');
    stop();
    await registry.close();
    await monitoring.close();
  });

  it('refuses wrong options and rules', () => {
    expect(() => new Monitoring({ evaluateEveryMs: 0 })).toThrow(/evaluateEveryMs .* got 0/);
    expect(() => new Monitoring({ rules: [{} as never] })).toThrow(/alert rule to have a name/);
  });
});
