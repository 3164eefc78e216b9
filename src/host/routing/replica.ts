import { hashText } from './rendezvous.js';
import { PeakEwma } from './peak-ewma.js';
import type { CallVerdict } from './health.js';

/** What is said of a replica from outside, such as by the registry or by its connection. */
export type ReplicaHealth = 'healthy' | 'degraded' | 'draining' | 'unhealthy';

/** Outlier ejection; times in milliseconds. */
export interface OutlierOptions {
  /** Failures in a row; 5. */
  failures: number;
  /** Times the number of ejections so far; 30,000. */
  ejectMs: number;
  /** The longest; 300,000. */
  maxEjectMs: number;
}

/** The defaults of {@link OutlierOptions}. */
export const outlierDefaults: OutlierOptions = { failures: 5, ejectMs: 30_000, maxEjectMs: 300_000 };

/** A degraded replica counts as this many times slower. */
const degradedFactor = 4;

/** What is known of one server that can be called. */
export class Replica {
  readonly name: string;
  readonly hash: number;
  readonly latency: PeakEwma;
  /** Calls in flight from here. */
  inFlight = 0;
  /** What is said from outside. */
  health: ReplicaHealth = 'healthy';
  /** True since a call could not reach it, until it was reached again. */
  down = false;
  /** Of a replica that is down and cannot be probed: when the next call may try it. */
  trialAt = Infinity;
  ejectedUntil = -Infinity;
  #ejections = 0;
  #failures = 0;
  readonly #outlier: OutlierOptions;

  constructor(name: string, decayMs: number, now: number, outlier: OutlierOptions) {
    this.name = name;
    this.hash = hashText(name);
    this.latency = new PeakEwma(decayMs, now);
    this.#outlier = outlier;
  }

  ejected(now: number): boolean {
    return now < this.ejectedUntil;
  }

  /** True when calls should go to it, ejection aside. */
  reachable(now: number): boolean {
    if (this.health === 'healthy' && !this.down) return true;
    if (this.health === 'unhealthy' || this.health === 'draining') return false;
    return !this.down || now >= this.trialAt;
  }

  /** What one more call would have to expect, to compare replicas by; milliseconds in a wider sense. */
  load(now: number): number {
    const factor = this.health === 'degraded' ? degradedFactor : 1;
    return this.latency.value(now) * (this.inFlight + 1) * factor;
  }

  /** Takes a call's verdict in. @returns true when it is an outlier that should be ejected */
  judge(verdict: CallVerdict): boolean {
    switch (verdict) {
      case 'ok':
      case 'refused':
        this.#failures = 0;
        return false;
      case 'failed':
        this.#failures++;
        return this.#failures >= this.#outlier.failures;
      default:
        return false;
    }
  }

  /** Leaves it out for 30 s times the number of ejections. */
  eject(now: number): void {
    const { ejectMs, maxEjectMs } = this.#outlier;
    // After a long time without trouble it starts anew.
    if (now - this.ejectedUntil > maxEjectMs) this.#ejections = 0;
    this.#ejections++;
    this.#failures = 0;
    this.ejectedUntil = now + Math.min(ejectMs * this.#ejections, maxEjectMs);
  }

  get ejections(): number {
    return this.#ejections;
  }
}
