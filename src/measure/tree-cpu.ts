/** The CPU counters of one process, in any unit. */
export interface CpuReading {
  pid: number;
  ppid: number;
  /** Its own time. */
  own: number;
  /** Of its descendants that ended and were waited for, with all that they had waited for. */
  waited: number;
}

interface Known extends CpuReading {
  /** What `waited` grew by at the last update and no ended child has explained yet. */
  credit: number;
  /** The last update that saw it. */
  round: number;
}

/** Time of an ended process that is not in its parent's `waited` yet. */
interface Pending {
  parent: number;
  amount: number;
  updates: number;
}

/** An ended process that its parent has not waited for after this many updates was not waited for at all. */
const patience = 2;

/**
 * The CPU time of a changing tree of processes, as one number that only grows. When a process ends and its parent waits
 * for it, its time moves into the parent's `waited`; when nobody waits (the parent ignores SIGCHLD, or is gone), it
 * would be lost. Both are handled, and nothing is counted twice.
 */
export class TreeCpu {
  readonly #live = new Map<number, Known>();
  #pending: Pending[] = [];
  #ended = 0;
  #base: number | undefined;
  #round = 0;

  /**
   * Takes the readings of every living process of the tree, each read after its parent's, and gives the time used since
   * the first update.
   */
  update(readings: readonly CpuReading[]): number {
    const round = ++this.#round;
    let total = 0;
    for (const { pid, ppid, own, waited } of readings) {
      const known = this.#live.get(pid);
      if (known === undefined) this.#live.set(pid, { pid, ppid, own, waited, credit: 0, round });
      else {
        known.credit = Math.max(0, waited - known.waited);
        known.ppid = ppid;
        known.own = own;
        known.waited = waited;
        known.round = round;
      }
      total += own + waited;
    }
    if (this.#live.size > readings.length) this.#bury(round);
    if (this.#pending.length > 0) this.#settle();
    for (const { amount } of this.#pending) total += amount;
    total += this.#ended;
    this.#base ??= total;
    return total - this.#base;
  }

  /** What ended processes used is expected from their parents; of those whose parent ended too, from its parent. */
  #bury(round: number): void {
    const gone = [...this.#live.values()].filter((known) => known.round !== round).reverse();
    for (const known of gone) {
      this.#live.delete(known.pid);
      this.#pending.push({ parent: known.pid, amount: known.own + known.waited, updates: 0 });
      for (const pending of this.#pending) if (pending.parent === known.pid) pending.parent = known.ppid;
    }
  }

  /** The kernel cuts its counters to whole ticks, which never makes a sum smaller than its parts. */
  #settle(): void {
    this.#pending.sort((a, b) => b.amount - a.amount);
    this.#pending = this.#pending.filter((pending) => {
      const parent = this.#live.get(pending.parent);
      if (parent !== undefined && parent.credit >= pending.amount) {
        parent.credit -= pending.amount;
        return false;
      }
      if (parent !== undefined && ++pending.updates <= patience) return true;
      this.#ended += pending.amount;
      return false;
    });
  }
}
