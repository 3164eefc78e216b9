import { type Clock, usageError } from '../../core/index.js';
import { LeaseBook } from './lease-book.js';
import { renewalsPerLease, type Lease } from './service.js';

/** When leases that run out are kept all the same. */
export interface SelfPreservation {
  /** Above this share of silent leases, nothing expires. 0 to 1, default 0.5; 1 turns it off. */
  share: number;
  /** With fewer leases than this, it is not asked for: most of three failing is no sign of a broken network. Default 5. */
  minimum: number;
}

/** What a {@link LeaseKeeper} is made of. */
export interface LeaseKeeperOptions {
  clock: Clock;
  selfPreservation?: Partial<SelfPreservation> | undefined;
  /** Called with the ids whose leases ran out, all that ran out together. Their leases are over by then. */
  expired: (ids: readonly string[]) => void;
}

/** While leases are held, the keeper looks at the clock this often, to notice that the process did not run. */
const tickMs = 1000;

/**
 * Ends leases on time, and only then: not those that fell silent together (self-preservation, as Eureka has it), not
 * for time in which this process did not run (it could not hear heartbeats), and not while {@link pause}d. Time is the
 * clock's monotonic one; the wall clock may jump as it likes.
 */
export class LeaseKeeper {
  readonly #clock: Clock;
  readonly #book = new LeaseBook();
  readonly #policy: SelfPreservation;
  readonly #expired: (ids: readonly string[]) => void;
  #cancel: (() => void) | undefined;
  #wakeAt = Infinity;
  #preserving = false;
  /** The largest clock reading so far: a clock that goes back stands still instead. */
  #latest: number;
  /** Time that does not count, since nobody could be heard in it. */
  #deaf = 0;
  #pausedAt: number | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#clock = options.clock;
    this.#latest = options.clock.now();
    this.#expired = options.expired;
    this.#policy = { share: 0.5, minimum: 5, ...options.selfPreservation };
    const { share, minimum } = this.#policy;
    if (!(share >= 0 && share <= 1) || !(minimum >= 0)) {
      throw usageError('Expected selfPreservation to have a share of 0 to 1 and a minimum from 0');
    }
  }

  /** True while leases that ran out are kept, since most fell silent at once. */
  get preserving(): boolean {
    return this.#preserving;
  }

  get counts(): { held: number; silent: number; preserved: number } {
    return { held: this.#book.size, silent: this.#book.silent, preserved: this.#book.lapsed };
  }

  grant(id: string, ttlMs: number): void {
    this.#book.grant(id, ttlMs, this.#now());
    this.#plan();
  }

  /** A heartbeat; false when no lease is held. */
  renew(id: string): boolean {
    return this.#book.renew(id, this.#now());
  }

  release(id: string): void {
    this.#book.release(id);
  }

  lease(id: string): Lease | undefined {
    const now = this.#now();
    this.#book.advance(now);
    const entry = this.#book.get(id);
    if (entry === undefined) return undefined;
    return {
      id,
      ttlMs: entry.ttlMs,
      renewEveryMs: entry.ttlMs / renewalsPerLease,
      expiresInMs: Math.max(0, entry.endsAt - now),
      phase: entry.phase === 'lapsed' ? 'preserved' : entry.phase,
    };
  }

  /** Stops time for all leases, for when heartbeats cannot be heard. */
  pause(): void {
    this.#pausedAt ??= this.#now();
  }

  /** Time goes on. */
  resume(): void {
    if (this.#pausedAt === undefined) return;
    this.#deaf += this.#reading() - this.#deaf - this.#pausedAt;
    this.#pausedAt = undefined;
    this.#plan();
  }

  /** Ends the timer; leases stay as they are. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#wakeAt = Infinity;
  }

  #reading(): number {
    this.#latest = Math.max(this.#latest, this.#clock.now());
    return this.#latest;
  }

  /** The time that counts for leases. */
  #now(): number {
    return this.#pausedAt ?? this.#reading() - this.#deaf;
  }

  #plan(): void {
    if (this.#book.size === 0) return;
    const now = this.#reading();
    const due = this.#pausedAt === undefined ? this.#book.nextDue() : undefined;
    const wakeAt = now + Math.min(tickMs, Math.max(0, (due ?? Infinity) + this.#deaf - now));
    if (wakeAt >= this.#wakeAt) return;
    this.#cancel?.();
    this.#wakeAt = wakeAt;
    this.#cancel = this.#clock.after(wakeAt - now, () => {
      this.#wake();
    });
  }

  #wake(): void {
    const late = this.#reading() - this.#wakeAt;
    // A timer that is this late means that the process stood still: no heartbeat can have been heard.
    if (late > tickMs && this.#pausedAt === undefined) this.#deaf += late;
    this.#cancel = undefined;
    this.#wakeAt = Infinity;
    if (this.#pausedAt === undefined) this.#enforce();
    this.#plan();
  }

  #enforce(): void {
    const now = this.#now();
    const book = this.#book;
    book.advance(now);
    const most = book.size >= this.#policy.minimum && book.silent > this.#policy.share * book.size;
    if (this.#preserving && !most) {
      // The first to be heard again must not cost the others their lease before their own next heartbeat.
      book.grace(now);
      this.#preserving = false;
      return;
    }
    if (book.lapsed === 0) return;
    if (most) {
      this.#preserving = true;
      return;
    }
    const ids = book.lapsedIds();
    for (const id of ids) book.release(id);
    this.#expired(ids);
  }
}
