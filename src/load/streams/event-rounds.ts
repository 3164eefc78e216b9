/** One event on its way to all streams. */
interface Round {
  /** A bit for each stream that has had it. */
  seen: Uint8Array;
  firstMs: number;
  lastMs: number;
  count: number;
}

/** Rounds of one event that are under way at once; more means that streams lag far behind each other. */
const mostOfAKey = 8;
const mostKeys = 256;
/** When no stream has had it for this long, an event has come wherever it will come, ms. */
const restMs = 2000;

/**
 * Finds how far apart streams get the same event, without any time stamp: the first arrival and the last belong together
 * as long as no stream has had it twice. The n-th time that a stream gets an event is the n-th round of it.
 */
export class EventRounds {
  readonly #rounds = new Map<string, Round[]>();
  readonly #spread: (ms: number, streams: number) => void;

  /** @param spread is told the time from the first to the last stream of each round that two streams or more had. */
  constructor(spread: (ms: number, streams: number) => void) {
    this.#spread = spread;
  }

  /**
   * @param stream its index, from 0.
   * @param openedMs what began before was not for this stream.
   */
  arrived(key: string, stream: number, openedMs: number, nowMs: number): void {
    let rounds = this.#rounds.get(key);
    if (rounds === undefined) {
      if (this.#rounds.size >= mostKeys) this.#closeOldest();
      this.#rounds.set(key, (rounds = []));
    }
    const round = rounds.find((one) => openedMs <= one.firstMs && !has(one.seen, stream));
    if (round === undefined) {
      if (rounds.length >= mostOfAKey) this.#close(rounds.shift()!);
      const begun: Round = {
        seen: new Uint8Array((stream >> 3) + 64),
        firstMs: nowMs,
        lastMs: nowMs,
        count: 1,
      };
      mark(begun, stream);
      rounds.push(begun);
      return;
    }
    round.lastMs = nowMs;
    round.count++;
    mark(round, stream);
  }

  /** Closes what has come to rest, or (`all`) everything. */
  sweep(nowMs: number, all = false): void {
    for (const [key, rounds] of this.#rounds) {
      const going = rounds.filter((round) => !all && nowMs - round.lastMs < restMs);
      for (const round of rounds) if (!going.includes(round)) this.#close(round);
      if (going.length === 0) this.#rounds.delete(key);
      else this.#rounds.set(key, going);
    }
  }

  #closeOldest(): void {
    const [key, rounds] = this.#rounds.entries().next().value!;
    for (const round of rounds) this.#close(round);
    this.#rounds.delete(key);
  }

  #close({ firstMs, lastMs, count }: Round): void {
    if (count > 1) this.#spread(lastMs - firstMs, count);
  }
}

function has(seen: Uint8Array, stream: number): boolean {
  return ((seen[stream >> 3] ?? 0) & (1 << (stream & 7))) !== 0;
}

function mark(round: Round, stream: number): void {
  const byte = stream >> 3;
  if (byte >= round.seen.length) {
    const grown = new Uint8Array(byte * 2);
    grown.set(round.seen);
    round.seen = grown;
  }
  round.seen[byte]! |= 1 << (stream & 7);
}
