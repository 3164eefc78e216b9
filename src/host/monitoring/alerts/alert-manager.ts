import { backgroundClock, DynoError, exitCodes, usageError, type Clock } from '../../../core/index.js';
import { cut } from '../../cut.js';
import { shown } from '../../shown.js';
import type { SeriesLabels } from '../metric.js';
import { summaryOf, type Alert, type AlertState, type AlertNotification, type Silence } from './alert.js';
import { checkRule, type AlertRule } from './rule.js';
import { answers, SignalReader, type Reading, type SeriesSource } from './signal-reader.js';

/** What an {@link AlertManager} is made of. */
export interface AlertManagerOptions {
  source: SeriesSource;
  /** Told once when an alert becomes active, once when it is resolved; not while it is silenced. */
  notify: (notification: AlertNotification) => void;
  clock?: Clock;
  /** How often rules are looked at; for judging gaps. Default 10,000. */
  intervalMs?: number;
  /** Alerts at once; what is more is counted, not kept. Default 1,000. */
  maxAlerts?: number;
  /** Resolved alerts that are remembered; default 1,000. */
  maxResolved?: number;
}

/** A rule that holds (or held a moment ago) for one group. */
interface Instance {
  readonly rule: AlertRule;
  readonly labels: SeriesLabels;
  value: number;
  /** Since when it holds. */
  since: number;
  /** Since when it does not, while it is still active. */
  calmSince: number | undefined;
  id: string | undefined;
  activeAt: number;
  acknowledgedAt: number | null;
  acknowledgedBy: string | null;
  /** Whether sinks were told that it fires. */
  told: boolean;
}

interface HeldSilence extends Silence {
  readonly ends: number;
}

/**
 * Raises, keeps and resolves alerts. Each rule has at most one alert per group of series, told once: the state is here,
 * and only its changes go out. Durations run on the clock's monotonic time; what nobody looked at does not count.
 */
export class AlertManager {
  readonly #clock: Clock;
  readonly #source: SeriesSource;
  readonly #notify: (notification: AlertNotification) => void;
  readonly #intervalMs: number;
  readonly #maxAlerts: number;
  readonly #maxResolved: number;
  readonly #rules = new Map<string, { rule: AlertRule; reader: SignalReader }>();
  readonly #instances = new Map<string, Instance>();
  readonly #silences = new Map<string, HeldSilence>();
  #resolved: Alert[] = [];
  #numbers = 0;
  #dropped = 0;
  #latest = -Infinity;
  #evaluatedAt: number | undefined;

  constructor(options: AlertManagerOptions) {
    this.#clock = options.clock ?? backgroundClock;
    this.#source = options.source;
    this.#notify = options.notify;
    this.#intervalMs = options.intervalMs ?? 10_000;
    this.#maxAlerts = options.maxAlerts ?? 1000;
    this.#maxResolved = options.maxResolved ?? 1000;
  }

  /** The rules, by name. */
  get rules(): AlertRule[] {
    return Array.from(this.#rules.values(), ({ rule }) => rule);
  }

  /** How many alerts could not be kept, since there were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds a rule, or replaces the one of the same name; its alerts begin anew. @throws DynoError (104) when it is wrong. */
  addRule(rule: AlertRule): void {
    const checked = checkRule(rule);
    this.removeRule(checked.name);
    const reader = new SignalReader(checked.signal, this.#source);
    // From here on growth counts, not only from the first evaluation on.
    reader.read(this.#now());
    this.#rules.set(checked.name, { rule: checked, reader });
  }

  /** Takes a rule out and resolves its alerts; false when there is none. */
  removeRule(name: string): boolean {
    for (const [key, instance] of this.#instances) {
      if (instance.rule.name === name) this.#end(key, instance);
    }
    return this.#rules.delete(name);
  }

  /** Looks at every rule. */
  evaluate(): void {
    const now = this.#now();
    const gap = this.#evaluatedAt !== undefined && now - this.#evaluatedAt > 3 * this.#intervalMs;
    this.#evaluatedAt = now;
    for (const [id, silence] of this.#silences) if (silence.ends <= now) this.#silences.delete(id);
    for (const { rule, reader } of this.#rules.values()) {
      const holding = new Set<string>();
      for (const reading of reader.read(now)) {
        if (!holds(reading.value, rule)) continue;
        const key = `${rule.name}\n${reading.key}`;
        holding.add(key);
        this.#hold(key, rule, reading, now, gap);
      }
      for (const [key, instance] of this.#instances) {
        if (instance.rule === rule && !holding.has(key)) this.#calm(key, instance, now);
      }
    }
  }

  /** Alerts that are not resolved; with a state, those in it (`resolved`: the latest ones). */
  alerts(state?: AlertState): Alert[] {
    if (state === 'resolved') return [...this.#resolved];
    const all: Alert[] = [];
    for (const instance of this.#instances.values()) {
      if (instance.id !== undefined) all.push(this.#alertOf(instance));
    }
    return state === undefined ? all : all.filter((alert) => alert.state === state);
  }

  /** Says that somebody is on it. @throws DynoError `unknown-alert`. */
  acknowledge(id: string, by: string): Alert {
    const [, instance] = this.#find(id);
    instance.acknowledgedAt ??= this.#clock.wall();
    instance.acknowledgedBy ??= cut(by, 200);
    return this.#alertOf(instance);
  }

  /** Says that it is over; it is raised again if its rule goes on to hold. @throws DynoError `unknown-alert`. */
  resolve(id: string): Alert {
    const [key, instance] = this.#find(id);
    return this.#end(key, instance)!;
  }

  /**
   * Tells nobody of alerts that match, for a time. Alerts that still hold when it ends are told then.
   *
   * @throws DynoError (104) for a wrong duration.
   */
  silence(options: { rule?: string; where?: SeriesLabels; forMs: number; reason: string }): Silence {
    const { forMs, rule = null, where = {}, reason } = options;
    if (!(forMs > 0 && forMs <= 366 * 86_400_000)) {
      throw usageError(`Expected a silence to last up to a year, in milliseconds, got ${shown(forMs)}`);
    }
    const id = `silence-${++this.#numbers}`;
    const until = this.#clock.wall() + forMs;
    const silence = { id, rule, where, reason: cut(reason, 300), until, ends: this.#now() + forMs };
    this.#silences.set(id, silence);
    return visible(silence);
  }

  /** Ends a silence early; false when there is none. */
  unsilence(id: string): boolean {
    const ended = this.#silences.delete(id);
    if (ended) this.#tellAll();
    return ended;
  }

  /** The silences that hold now. */
  silences(): Silence[] {
    const now = this.#now();
    return [...this.#silences.values()].filter((silence) => silence.ends > now).map(visible);
  }

  #now(): number {
    return (this.#latest = Math.max(this.#latest, this.#clock.now()));
  }

  #hold(key: string, rule: AlertRule, reading: Reading, now: number, gap: boolean): void {
    let instance = this.#instances.get(key);
    if (instance === undefined) {
      if (this.#instances.size >= this.#maxAlerts) {
        this.#dropped++;
        return;
      }
      instance = {
        rule,
        labels: reading.labels,
        value: reading.value,
        since: now,
        calmSince: undefined,
        id: undefined,
        activeAt: 0,
        acknowledgedAt: null,
        acknowledgedBy: null,
        told: false,
      };
      this.#instances.set(key, instance);
    }
    instance.value = reading.value;
    instance.calmSince = undefined;
    if (instance.id === undefined) {
      // Nobody looked for long: that it holds before and after does not say that it held all the time.
      if (gap) instance.since = now;
      if (now - instance.since < (rule.forMs ?? 0)) return;
      instance.id = `alert-${++this.#numbers}`;
      instance.activeAt = this.#clock.wall();
    }
    this.#tell(instance);
  }

  #calm(key: string, instance: Instance, now: number): void {
    if (instance.id === undefined) {
      this.#instances.delete(key);
      return;
    }
    instance.calmSince ??= now;
    if (now - instance.calmSince >= (instance.rule.resolveAfterMs ?? 0)) this.#end(key, instance);
  }

  #end(key: string, instance: Instance): Alert | undefined {
    this.#instances.delete(key);
    if (instance.id === undefined) return undefined;
    const at = this.#clock.wall();
    const alert: Alert = { ...this.#alertOf(instance), state: 'resolved', resolvedAt: at };
    this.#resolved.push(alert);
    if (this.#resolved.length > this.#maxResolved) this.#resolved = this.#resolved.slice(-this.#maxResolved);
    // Who was told that it fires is told that it is over, silenced or not.
    if (instance.told) this.#notify({ kind: 'resolved', alert, at });
    return alert;
  }

  #tellAll(): void {
    for (const instance of this.#instances.values()) if (instance.id !== undefined) this.#tell(instance);
  }

  #tell(instance: Instance): void {
    if (instance.told || this.#silenced(instance)) return;
    instance.told = true;
    this.#notify({ kind: 'firing', alert: this.#alertOf(instance), at: this.#clock.wall() });
  }

  #silenced(instance: Instance): boolean {
    const now = this.#now();
    for (const { ends, rule, where } of this.#silences.values()) {
      if (ends <= now || (rule !== null && rule !== instance.rule.name)) continue;
      if (answers(instance.labels, where)) return true;
    }
    return false;
  }

  #find(id: string): [string, Instance] {
    for (const entry of this.#instances) if (entry[1].id === id) return entry;
    throw new DynoError(`There is no open alert ${shown(id)}`, {
      code: 'unknown-alert',
      hint: 'It may be resolved; alerts() lists those that are not.',
      exitCode: exitCodes.failed,
    });
  }

  #alertOf(instance: Instance): Alert {
    const { rule, labels, value, id, activeAt, acknowledgedAt, acknowledgedBy } = instance;
    return Object.freeze({
      id: id!,
      rule: rule.name,
      severity: rule.severity,
      state: this.#silenced(instance) ? 'silenced' : acknowledgedAt === null ? 'active' : 'acknowledged',
      labels,
      value,
      op: rule.op,
      threshold: rule.threshold,
      summary: summaryOf(rule, labels, value),
      description: rule.description ?? '',
      activeAt,
      acknowledgedAt,
      acknowledgedBy,
      resolvedAt: null,
    });
  }
}

function holds(value: number, { op, threshold }: AlertRule): boolean {
  switch (op) {
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
  }
}

function visible({ id, rule, where, reason, until }: HeldSilence): Silence {
  return Object.freeze({ id, rule, where, reason, until });
}
