import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/index.js';
import { MetricsCollector } from '../metrics-collector.js';
import { AlertManager, type AlertNotification, type AlertRule } from './index.js';

const hot: AlertRule = {
  name: 'hot',
  severity: 'error',
  signal: { kind: 'value', metric: 'temperature' },
  op: '>',
  threshold: 90,
  forMs: 60_000,
  description: 'Turn it off.',
};

/** A manager that looks every 10 s of fake time. */
function watched(rules: AlertRule[], clock = new FakeClock(), maxAlerts?: number) {
  const metrics = new MetricsCollector({ clock, retentionMs: 1e12 });
  const told: AlertNotification[] = [];
  const manager = new AlertManager({
    source: metrics,
    clock,
    notify: (notification) => told.push(notification),
    ...(maxAlerts !== undefined && { maxAlerts }),
  });
  for (const rule of rules) manager.addRule(rule);
  const pass = async (ms: number, each: () => void = () => undefined) => {
    for (let gone = 0; gone < ms; gone += 10_000) {
      await clock.advance(10_000);
      each();
      manager.evaluate();
    }
  };
  const brief = () =>
    told.map(({ kind, alert }) => `${kind} ${alert.rule} ${Object.values(alert.labels).join()}`.trim());
  const set = (value: number, labels?: Record<string, string>) => {
    metrics.recordMetric('temperature', value, 'gauge', labels);
  };
  return { clock, metrics, manager, told, brief, pass, set };
}

describe('an alert', () => {
  it('fires once, after its rule held for the whole time, and is resolved once', async () => {
    const { manager, told, brief, pass, set, clock } = watched([hot]);
    set(95);
    manager.evaluate();
    await pass(50_000);
    expect(manager.alerts()).toEqual([]);
    await pass(10_000);
    const [alert] = manager.alerts('active');
    expect(alert).toMatchObject({
      rule: 'hot',
      severity: 'error',
      state: 'active',
      value: 95,
      threshold: 90,
      summary: 'hot: temperature is 95, > 90',
      description: 'Turn it off.',
      activeAt: clock.wall(),
      resolvedAt: null,
    });
    await pass(600_000);
    expect(brief()).toEqual(['firing hot']);
    set(80);
    await pass(10_000);
    expect(brief()).toEqual(['firing hot', 'resolved hot']);
    expect(manager.alerts()).toEqual([]);
    expect(manager.alerts('resolved')).toMatchObject([
      { id: alert!.id, state: 'resolved', resolvedAt: clock.wall() },
    ]);
    expect(told).toHaveLength(2);
  });

  it('does not fire when the rule held with a break', async () => {
    const { manager, pass, set } = watched([hot]);
    for (let round = 0; round < 20; round++) {
      set(95);
      await pass(50_000);
      set(90);
      await pass(10_000);
    }
    expect(manager.alerts()).toEqual([]);
  });

  it('is one per series, however often the rule is looked at', async () => {
    const { manager, brief, pass, set } = watched([hot]);
    for (const room of ['kitchen', 'cellar', 'attic']) set(room === 'attic' ? 20 : 99, { room });
    await pass(300_000);
    expect(brief().sort()).toEqual(['firing hot cellar', 'firing hot kitchen']);
    expect(manager.alerts()).toHaveLength(2);
    set(20, { room: 'cellar' });
    await pass(10_000);
    expect(brief().at(-1)).toBe('resolved hot cellar');
    expect(manager.alerts()).toMatchObject([{ labels: { room: 'kitchen' } }]);
  });

  it('is acknowledged by somebody, and stays so until it is over', async () => {
    const { manager, brief, pass, set, clock } = watched([hot]);
    set(95);
    await pass(70_000);
    const { id } = manager.alerts()[0]!;
    const at = clock.wall();
    expect(manager.acknowledge(id, 'ada')).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada' });
    await pass(100_000);
    manager.acknowledge(id, 'bob');
    expect(manager.alerts('acknowledged')).toMatchObject([{ id, acknowledgedAt: at, acknowledgedBy: 'ada' }]);
    expect(manager.alerts('active')).toEqual([]);
    set(1);
    await pass(10_000);
    expect(brief()).toEqual(['firing hot', 'resolved hot']);
    expect(() => manager.acknowledge(id, 'ada')).toThrow(/no open alert "alert-1"/);
  });

  it('is resolved by hand, and raised again if the rule goes on to hold', async () => {
    const { manager, brief, pass, set } = watched([hot]);
    set(95);
    await pass(70_000);
    expect(manager.resolve(manager.alerts()[0]!.id)).toMatchObject({ state: 'resolved' });
    await pass(60_000);
    expect(manager.alerts()).toEqual([]);
    await pass(20_000);
    expect(brief()).toEqual(['firing hot', 'resolved hot', 'firing hot']);
  });

  it('tells nobody while it is silenced, and tells when the silence ends, if it still holds', async () => {
    const { manager, brief, pass, set } = watched([hot]);
    const silence = manager.silence({
      rule: 'hot',
      where: { room: 'kitchen' },
      forMs: 200_000,
      reason: 'oven',
    });
    set(95, { room: 'kitchen' });
    set(95, { room: 'cellar' });
    await pass(100_000);
    expect(brief()).toEqual(['firing hot cellar']);
    expect(manager.alerts('silenced')).toMatchObject([{ labels: { room: 'kitchen' } }]);
    expect(manager.silences()).toEqual([silence]);
    await pass(100_000);
    expect(brief()).toEqual(['firing hot cellar', 'firing hot kitchen']);
    expect(manager.silences()).toEqual([]);
    expect(manager.alerts('active')).toHaveLength(2);
  });

  it('that came and went in a silence was never told; one silenced later is told to be over', async () => {
    const { manager, brief, pass, set } = watched([hot]);
    set(95, { room: 'a' });
    await pass(70_000);
    const { id } = manager.silence({ forMs: 1e9, reason: 'night' });
    set(95, { room: 'b' });
    await pass(70_000);
    set(1, { room: 'a' });
    set(1, { room: 'b' });
    await pass(10_000);
    expect(brief()).toEqual(['firing hot a', 'resolved hot a']);
    set(95, { room: 'c' });
    await pass(70_000);
    expect(manager.unsilence(id)).toBe(true);
    expect(brief().at(-1)).toBe('firing hot c');
    expect(manager.unsilence(id)).toBe(false);
  });

  it('is not resolved before the rule failed to hold for long enough', async () => {
    const { brief, pass, set } = watched([{ ...hot, forMs: 0, resolveAfterMs: 30_000 }]);
    for (let round = 0; round < 5; round++) {
      set(95);
      await pass(10_000);
      set(85);
      await pass(20_000);
    }
    expect(brief()).toEqual(['firing hot']);
    await pass(20_000);
    expect(brief()).toEqual(['firing hot', 'resolved hot']);
  });

  it('does not count time in which nobody looked', async () => {
    class Jumping extends FakeClock {
      by = 0;
      override now() {
        return super.now() + this.by;
      }
    }
    const clock = new Jumping();
    const { manager, pass, set } = watched([hot], clock);
    set(95);
    await pass(20_000);
    clock.by = 3_600_000;
    await pass(10_000);
    expect(manager.alerts()).toEqual([]);
    clock.by = -3_600_000;
    await pass(60_000);
    expect(manager.alerts()).toEqual([]);
    clock.by = 3_600_000;
    await pass(70_000);
    expect(manager.alerts()).toHaveLength(1);
  });

  it('stays within its bound when every series is bad', async () => {
    const { manager, told, pass, set } = watched([{ ...hot, forMs: 0 }], new FakeClock(), 10);
    for (let n = 0; n < 100; n++) set(95, { n: String(n) });
    await pass(20_000);
    expect(manager.alerts()).toHaveLength(10);
    expect(told).toHaveLength(10);
    expect(manager.dropped).toBe(180);
  });
});

describe('signals', () => {
  it('a rate is the growth per second over the window, for each group', async () => {
    const rule: AlertRule = {
      name: 'busy',
      severity: 'info',
      signal: { kind: 'rate', metric: 'calls', windowMs: 60_000, by: ['server'] },
      op: '>=',
      threshold: 5,
    };
    const { metrics, manager, pass } = watched([rule]);
    const call = (n: number, server: string, tool: string) => {
      metrics.recordMetric('calls', n, 'counter', { server, tool });
    };
    await pass(120_000, () => {
      call(30, 'a', 'x');
      call(20, 'a', 'y');
      call(49, 'b', 'x');
    });
    expect(manager.alerts()).toMatchObject([{ labels: { server: 'a' }, value: 5 }]);
    await pass(60_000);
    expect(manager.alerts()).toEqual([]);
  });

  it('a ratio is the growth of the part over that of the whole, and says nothing of too little', async () => {
    const rule: AlertRule = {
      name: 'errors',
      severity: 'error',
      signal: {
        kind: 'ratio',
        part: { metric: 'took', where: { error: true } },
        whole: { metric: 'took' },
        windowMs: 60_000,
        minimum: 10,
      },
      op: '>',
      threshold: 0.5,
    };
    const { metrics, manager, pass } = watched([rule]);
    const took = (error?: string) => {
      metrics.recordMetric('took', 1, 'histogram', error === undefined ? {} : { error });
    };
    for (let n = 0; n < 9; n++) took('timeout');
    await pass(10_000);
    expect(manager.alerts()).toEqual([]);
    took();
    await pass(10_000);
    expect(manager.alerts()).toMatchObject([
      { value: 0.9, summary: 'errors: the share of took is 0.9, > 0.5' },
    ]);
    await pass(60_000, () => {
      for (let n = 0; n < 30; n++) took();
    });
    expect(manager.alerts()).toEqual([]);
  });

  it('a total that begins anew is growth from nothing, never a fall', async () => {
    const rule: AlertRule = {
      name: 'restarts',
      severity: 'info',
      signal: { kind: 'rate', metric: 'n', windowMs: 10_000 },
      op: '>',
      threshold: 0,
    };
    const { metrics, manager, pass } = watched([rule]);
    const n = metrics.counter('n');
    n.observe(1000);
    await pass(30_000);
    expect(manager.alerts()).toEqual([]);
    n.observe(20);
    await pass(10_000);
    expect(manager.alerts()).toMatchObject([{ value: 2 }]);
  });

  it('percentiles fire only where there are enough values', async () => {
    const rule: AlertRule = {
      name: 'slow',
      severity: 'warning',
      signal: { kind: 'value', metric: 'took', statistic: 'p95', where: { tool: 'echo', error: false } },
      op: '>',
      threshold: 1,
    };
    const { metrics, manager, pass } = watched([rule]);
    const echo = metrics.histogram('took', { tool: 'echo' });
    const failed = metrics.histogram('took', { tool: 'echo', error: 'timeout' });
    for (let n = 0; n < 100; n++) failed.record(9);
    for (let n = 0; n < 19; n++) echo.record(2);
    await pass(10_000);
    expect(manager.alerts()).toEqual([]);
    echo.record(2);
    await pass(10_000);
    expect(manager.alerts()).toMatchObject([{ summary: 'slow: p95 of took is 2, > 1 for tool=echo' }]);
  });

  it('absence is a signal too', async () => {
    const rule: AlertRule = {
      name: 'gone',
      severity: 'critical',
      signal: { kind: 'absent', metric: 'beat', where: { of: 'heart' } },
      op: '>',
      threshold: 0,
      forMs: 20_000,
    };
    const { metrics, manager, pass } = watched([rule]);
    await pass(40_000);
    expect(manager.alerts()).toHaveLength(1);
    metrics.recordMetric('beat', 1, 'counter', { of: 'heart' });
    await pass(10_000);
    expect(manager.alerts()).toEqual([]);
  });

  it('samples of long windows stay few', async () => {
    const rule: AlertRule = {
      name: 'day',
      severity: 'info',
      signal: { kind: 'rate', metric: 'n', windowMs: 86_400_000 },
      op: '>',
      threshold: 0.9,
    };
    const { metrics, manager, pass } = watched([rule]);
    const n = metrics.counter('n');
    await pass(6_000_000, () => {
      n.add(10);
    });
    expect(manager.alerts()).toMatchObject([{ value: 1 }]);
  });
});

describe('rules', () => {
  it.each<[Partial<Record<keyof AlertRule, unknown>>, RegExp]>([
    [{ name: '' }, /name of 1 to 100 characters, got ""/],
    [{ severity: 'bad' }, /severity of alert rule "hot" .* "bad"/],
    [{ op: '==' }, /op of alert rule "hot" .* "=="/],
    [{ threshold: NaN }, /threshold of alert rule "hot" .* NaN/],
    [{ forMs: -1 }, /forMs of alert rule "hot" .* -1/],
    [{ signal: { kind: 'sum' } }, /of kind value, rate, ratio or absent, got "sum"/],
    [{ signal: { kind: 'value', metric: 'a b' } }, /name of a metric .* "a b"/],
    [{ signal: { kind: 'value', metric: 'm', statistic: 'p42' } }, /statistic .* "p42"/],
    [{ signal: { kind: 'rate', metric: 'm', windowMs: 0 } }, /windowMs .* 0/],
  ])('%j is refused, by name', (over, message) => {
    const { manager } = watched([]);
    expect(() => {
      manager.addRule({ ...hot, ...over } as AlertRule);
    }).toThrow(message);
    expect(manager.rules).toEqual([]);
  });

  it('are replaced by name, and taken out with their alerts', async () => {
    const { manager, brief, pass, set } = watched([{ ...hot, forMs: 0 }]);
    set(95);
    await pass(10_000);
    manager.addRule({ ...hot, threshold: 99, forMs: 0 });
    expect(manager.rules).toMatchObject([{ threshold: 99 }]);
    expect(brief()).toEqual(['firing hot', 'resolved hot']);
    await pass(10_000);
    expect(manager.alerts()).toEqual([]);
    expect(manager.removeRule('hot')).toBe(true);
    expect(manager.removeRule('hot')).toBe(false);
  });

  it('refuse a silence without end', () => {
    const { manager } = watched([hot]);
    expect(() => manager.silence({ forMs: Infinity, reason: '' })).toThrow(/up to a year/);
  });
});
