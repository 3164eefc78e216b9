import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import type { CallVerdict } from './health.js';
import { outlierDefaults, Replica, type OutlierOptions, type ReplicaHealth } from './replica.js';
import type { ToolState } from './routable-tool.js';

/** Reaches a server without calling a tool, such as by `ping`; rejects when it cannot be reached. */
export type Probe = (server: string, signal: AbortSignal) => Promise<unknown>;

/** How replicas are watched; times in milliseconds. */
export interface ReplicaPoolOptions {
  clock: Clock;
  random: Random;
  /** How fast a latency is forgotten; 10,000. */
  decayMs: number;
  outlier: OutlierOptions;
  probe: Probe | undefined;
}

/** The first probe of a replica that is down comes after this, then twice as long each time, up to the last. */
const firstProbeMs = 250;
const lastProbeMs = 1000;
const probeTimeoutMs = 1000;
/** Without a probe a call has to try; these are further apart, since each may fail. */
const firstTrialMs = 1000;
const lastTrialMs = 4000;

/** A call on its way to a replica; to be ended once. */
export interface Attempt {
  readonly replica: Replica;
  /** @param answered true when the tool did its work */
  end(verdict: CallVerdict, answered: boolean): void;
}

/** How a replica is doing. */
export interface ReplicaStatus {
  server: string;
  health: ReplicaHealth;
  /** True while it cannot be reached. */
  down: boolean;
  ejected: boolean;
  ejections: number;
  inFlight: number;
  samples: number;
  /** Peak-EWMA latency, milliseconds. */
  latencyMs: number;
}

/** All servers that calls go to, with what calls and probes have shown of them. */
export class ReplicaPool {
  readonly #options: ReplicaPoolOptions;
  readonly #replicas = new Map<string, Replica>();
  readonly #probes = new Map<Replica, () => void>();
  readonly #trials = new Map<Replica, number>();
  #closed = false;

  constructor(options: ReplicaPoolOptions) {
    this.#options = options;
  }

  /** The replica of a name; made when it is not known. */
  get(name: string): Replica {
    let replica = this.#replicas.get(name);
    if (replica === undefined) {
      const { clock, decayMs, outlier } = this.#options;
      replica = new Replica(name, decayMs, clock.now(), { ...outlierDefaults, ...outlier });
      this.#replicas.set(name, replica);
    }
    return replica;
  }

  /** Forgets replicas that no tool has any more. */
  keep(names: ReadonlySet<string>): void {
    for (const [name, replica] of this.#replicas) {
      if (names.has(name)) continue;
      this.#stopProbing(replica);
      this.#replicas.delete(name);
    }
  }

  /** Takes in what is said from outside, such as by the registry. */
  setHealth(name: string, health: ReplicaHealth): void {
    this.get(name).health = health;
  }

  /** A connection says that the server is there, or gone. */
  setReachable(name: string, reachable: boolean): void {
    const replica = this.get(name);
    if (reachable) this.#up(replica);
    else this.#down(replica);
  }

  status(): ReplicaStatus[] {
    const now = this.#options.clock.now();
    return [...this.#replicas.values()].map((replica) => ({
      server: replica.name,
      health: replica.health,
      down: replica.down,
      ejected: replica.ejected(now),
      ejections: replica.ejections,
      inFlight: replica.inFlight,
      samples: replica.latency.samples,
      latencyMs: replica.latency.value(now),
    }));
  }

  /** A call begins. */
  begin(tool: ToolState, replica: Replica): Attempt {
    const { clock } = this.#options;
    const started = clock.now();
    const breaker = tool.breaker(replica);
    replica.inFlight++;
    breaker.begin(started);
    // One call at a time tries a replica that is down.
    if (replica.down) replica.trialAt = Infinity;
    let ended = false;
    return {
      replica,
      end: (verdict, answered) => {
        if (ended) return;
        ended = true;
        const now = clock.now();
        replica.inFlight--;
        breaker.end(breakerVerdict(verdict), now);
        observe(replica, verdict, now - started, now);
        if (verdict === 'ok' || verdict === 'refused' || verdict === 'failed') {
          tool.learn(answered, now - started);
        }
        this.#reached(replica, verdict);
        if (replica.judge(verdict)) this.#eject(tool.replicas, replica, now);
      },
    };
  }

  /** Ends all probing. */
  close(): void {
    this.#closed = true;
    for (const replica of [...this.#probes.keys()]) this.#stopProbing(replica);
  }

  #reached(replica: Replica, verdict: CallVerdict): void {
    switch (verdict) {
      case 'unreachable':
        this.#down(replica);
        break;
      case 'ok':
      case 'refused':
      case 'throttled':
        this.#up(replica);
        break;
      // No answer in time, or one that nobody waited for, says nothing of whether it is back.
      default:
        if (replica.down && this.#options.probe === undefined) this.#scheduleTrial(replica);
    }
  }

  /** Never more than half of a tool's replicas are left out at once. */
  #eject(pool: readonly Replica[], replica: Replica, now: number): void {
    const out = pool.filter((other) => other !== replica && other.ejected(now)).length;
    if ((out + 1) * 2 <= pool.length) replica.eject(now);
  }

  #down(replica: Replica): void {
    if (this.#closed) return;
    const before = replica.down;
    replica.down = true;
    if (this.#options.probe === undefined) this.#scheduleTrial(replica);
    else if (!before) this.#probeAfter(replica, firstProbeMs);
  }

  #up(replica: Replica): void {
    replica.down = false;
    replica.trialAt = Infinity;
    this.#trials.delete(replica);
    this.#stopProbing(replica);
  }

  #scheduleTrial(replica: Replica): void {
    const wait = this.#trials.get(replica) ?? firstTrialMs;
    this.#trials.set(replica, Math.min(wait * 2, lastTrialMs));
    replica.trialAt = this.#options.clock.now() + wait;
  }

  #probeAfter(replica: Replica, wait: number): void {
    const { clock, random } = this.#options;
    const controller = new AbortController();
    let cancelTimeout = () => {};
    const cancel = clock.after(wait * (0.75 + random.next() / 2), () => {
      cancelTimeout = clock.after(probeTimeoutMs, () => {
        controller.abort(new Error(`No answer to a probe within ${probeTimeoutMs} ms`));
      });
      void this.#probe(replica, controller.signal).then((reached) => {
        cancelTimeout();
        if (this.#probes.get(replica) !== stop) return;
        this.#probes.delete(replica);
        if (reached) this.#up(replica);
        else this.#probeAfter(replica, Math.min(wait * 2, lastProbeMs));
      });
    });
    const stop = () => {
      cancel();
      cancelTimeout();
      controller.abort(new Error('The probe is no longer wanted'));
    };
    this.#probes.set(replica, stop);
  }

  async #probe(replica: Replica, signal: AbortSignal): Promise<boolean> {
    try {
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error(messageOf(signal.reason)));
        });
      });
      await Promise.race([this.#options.probe!(replica.name, signal), aborted]);
      return true;
    } catch {
      return false;
    }
  }

  #stopProbing(replica: Replica): void {
    this.#probes.get(replica)?.();
    this.#probes.delete(replica);
  }
}

function breakerVerdict(verdict: CallVerdict): boolean | undefined {
  switch (verdict) {
    case 'ok':
    case 'refused':
      return true;
    case 'failed':
    case 'unreachable':
      return false;
    default:
      return undefined;
  }
}

/** A failure is never taken for a fast answer, nor a call that was given up for no answer at all. */
function observe(replica: Replica, verdict: CallVerdict, latencyMs: number, now: number): void {
  const { latency } = replica;
  const known = latency.value(now);
  switch (verdict) {
    case 'ok':
    case 'refused':
      latency.observe(latencyMs, now);
      break;
    case 'failed':
      latency.observe(Math.max(latencyMs, known), now);
      break;
    case 'throttled':
      latency.observe(Math.max(latencyMs, known * 2, 100), now);
      break;
    case 'cancelled':
      if (latencyMs > known) latency.observe(latencyMs, now);
      break;
    case 'unreachable':
      break;
  }
}
