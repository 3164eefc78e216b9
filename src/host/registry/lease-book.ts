import { DeadlineHeap } from './deadline-heap.js';

/** A lease that somebody holds. `due` is when it is next to be looked at, not always when it ends. */
interface HeldLease {
  readonly id: string;
  ttlMs: number;
  renewedAt: number;
  phase: 'live' | 'silent' | 'lapsed';
  due: number;
  /** False once released or granted anew; the heap meets it later and drops it. */
  held: boolean;
}

/** What the book says of one lease. */
export interface LeaseEntry {
  readonly ttlMs: number;
  readonly endsAt: number;
  readonly phase: 'live' | 'silent' | 'lapsed';
}

/**
 * Who holds a lease until when, and how many have fallen silent (no heartbeat for half their life). Pure: time comes in
 * with each call, in any unit that ttls share. A heartbeat costs a map look-up; the heap is touched only when half a
 * life has passed.
 */
export class LeaseBook {
  readonly #leases = new Map<string, HeldLease>();
  readonly #heap = new DeadlineHeap<HeldLease>();
  #silent = 0;
  #lapsed = 0;

  /** How many leases there are, those that have lapsed and were not released included. */
  get size(): number {
    return this.#leases.size;
  }

  /** How many have had no heartbeat for at least half their life, lapsed ones included. */
  get silent(): number {
    return this.#silent + this.#lapsed;
  }

  /** How many have run out and were not released. */
  get lapsed(): number {
    return this.#lapsed;
  }

  /** Gives a lease from `now` on; one that was held is replaced. */
  grant(id: string, ttlMs: number, now: number): void {
    this.release(id);
    const lease: HeldLease = { id, ttlMs, renewedAt: now, phase: 'live', due: now + ttlMs / 2, held: true };
    this.#leases.set(id, lease);
    this.#heap.push(lease);
  }

  /** A heartbeat; false when there is no such lease. */
  renew(id: string, now: number): boolean {
    const lease = this.#leases.get(id);
    if (lease === undefined) return false;
    lease.renewedAt = now;
    if (lease.phase === 'silent') this.#silent--;
    if (lease.phase === 'lapsed') {
      this.#lapsed--;
      lease.due = now + lease.ttlMs / 2;
      this.#heap.push(lease);
    }
    lease.phase = 'live';
    return true;
  }

  /** Gives every lapsed lease half a life more, as a silent one. */
  grace(now: number): void {
    if (this.#lapsed === 0) return;
    for (const lease of this.#leases.values()) {
      if (lease.phase !== 'lapsed') continue;
      lease.phase = 'silent';
      lease.renewedAt = now - lease.ttlMs / 2;
      lease.due = now + lease.ttlMs / 2;
      this.#silent++;
      this.#heap.push(lease);
    }
    this.#lapsed = 0;
  }

  /** Ends a lease; false when there was none. */
  release(id: string): boolean {
    const lease = this.#leases.get(id);
    if (lease === undefined) return false;
    this.#leases.delete(id);
    lease.held = false;
    if (lease.phase === 'silent') this.#silent--;
    if (lease.phase === 'lapsed') this.#lapsed--;
    return true;
  }

  get(id: string): LeaseEntry | undefined {
    const lease = this.#leases.get(id);
    return lease && { ttlMs: lease.ttlMs, endsAt: lease.renewedAt + lease.ttlMs, phase: lease.phase };
  }

  /** The ids of the leases that have lapsed. */
  lapsedIds(): string[] {
    if (this.#lapsed === 0) return [];
    return [...this.#leases.values()].filter((lease) => lease.phase === 'lapsed').map((lease) => lease.id);
  }

  /** When {@link LeaseBook.advance} has something to do next. */
  nextDue(): number | undefined {
    return this.#heap.peek()?.due;
  }

  /** Brings the book up to `now`: leases without heartbeats become silent, then lapsed. */
  advance(now: number): void {
    for (;;) {
      const lease = this.#heap.peek();
      if (lease === undefined || lease.due > now) return;
      this.#heap.pop();
      if (!lease.held) continue;
      const halfway = lease.renewedAt + lease.ttlMs / 2;
      const end = lease.renewedAt + lease.ttlMs;
      if (halfway > now) {
        lease.due = halfway;
      } else if (end > now) {
        if (lease.phase === 'live') this.#silent++;
        lease.phase = 'silent';
        lease.due = end;
      } else {
        if (lease.phase === 'silent') this.#silent--;
        lease.phase = 'lapsed';
        this.#lapsed++;
        continue;
      }
      this.#heap.push(lease);
    }
  }
}
