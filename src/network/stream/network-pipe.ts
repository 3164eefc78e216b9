import { Readable, Writable } from 'node:stream';
import { seededRandom, systemClock } from '../../core/index.js';
import { copyConditions, type NetworkConditions } from '../conditions/conditions.js';
import type { ConnectionTap } from '../proxy/connection.js';
import { CutSchedule } from '../proxy/cut-schedule.js';
import { Direction, type DirectionEnds } from './direction.js';
import { Link } from './link.js';
import { ReleaseTimer } from './release-timer.js';

/** The standard streams of a server, as its client uses them. */
export interface Pipe {
  stdin: Writable;
  stdout: Readable;
}

/** How to put a network into a pipe. */
export interface NetworkPipeOptions {
  conditions: NetworkConditions;
  /** 1 unless given. */
  seed?: number;
  tap?: ConnectionTap;
}

/**
 * A network between a client and the standard streams of a server. A pipe cannot be reset or refused: where a connection
 * would be, its streams end; a cut holds everything back.
 */
export class NetworkPipe implements Pipe {
  /** What the client writes to. */
  readonly stdin: Writable;
  /** What the client reads from. */
  readonly stdout: Readable;
  readonly #pipe: Pipe;
  readonly #timer = new ReleaseTimer(systemClock, true);
  readonly #cuts: CutSchedule;
  readonly #up: Direction;
  readonly #down: Direction;
  readonly #links: { up: Link; down: Link };
  readonly #timers: NodeJS.Timeout[] = [];
  #conditions: NetworkConditions;
  #waiting: (() => void) | undefined;
  #ended = false;

  constructor(pipe: Pipe, { conditions, seed = 1, tap }: NetworkPipeOptions) {
    this.#pipe = pipe;
    this.#conditions = copyConditions(conditions);
    const random = seededRandom(seed).fork('connection 0');
    this.#links = { up: new Link(this.#conditions.up), down: new Link(this.#conditions.down) };
    this.#up = new Direction(this.#links.up, this.#upEnds(), this.#timer, random);
    this.#down = new Direction(this.#links.down, this.#downEnds(), this.#timer, random);
    const take = (direction: Direction, chunk: Buffer) => {
      const { resetShare } = this.#conditions;
      if (resetShare > 0 && random.next() < resetShare) this.#end();
      else direction.push(chunk);
    };
    this.stdin = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        tap?.up(chunk);
        take(this.#up, chunk);
        if (this.#waiting === undefined) done();
        else this.#waiting = done;
      },
      final: (done) => {
        this.#up.end();
        done();
      },
    });
    this.stdout = new Readable({
      read: () => {
        this.#down.drained();
      },
    });
    pipe.stdin.on('error', () => undefined);
    pipe.stdin.on('drain', () => {
      this.#up.drained();
    });
    pipe.stdout.on('error', () => {
      this.#down.end();
    });
    pipe.stdout.on('data', (chunk: Buffer) => {
      tap?.down(chunk);
      take(this.#down, chunk);
    });
    pipe.stdout.once('end', () => {
      tap?.end();
      this.#down.end();
    });
    this.#cuts = new CutSchedule(systemClock, {
      begin: () => {
        this.#hold(true);
      },
      end: () => {
        this.#hold(false);
      },
    });
    this.#cuts.plan(this.#conditions.cuts);
    this.#setTimers();
  }

  /** Takes the place of the conditions so far. */
  setConditions(conditions: NetworkConditions): void {
    this.#conditions = copyConditions(conditions);
    this.#links.up.conditions = this.#conditions.up;
    this.#links.down.conditions = this.#conditions.down;
    this.#cuts.plan(this.#conditions.cuts);
  }

  /** Holds everything back for a while, from now on. */
  cut(forMs: number): void {
    this.#cuts.now(forMs, 'hold');
  }

  /** Lets go of its timers; nothing passes any more. */
  stop(): void {
    this.#cuts.stop();
    this.#timer.stop();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #upEnds(): DirectionEnds {
    const { stdin } = this.#pipe;
    return {
      write: (chunk) => stdin.write(chunk),
      end: () => stdin.end(),
      limitReached: () => {
        this.#end();
      },
      pause: () => {
        this.#waiting ??= () => undefined;
      },
      resume: () => {
        const done = this.#waiting;
        this.#waiting = undefined;
        done?.();
      },
    };
  }

  #downEnds(): DirectionEnds {
    const { stdout } = this.#pipe;
    return {
      write: (chunk) => this.#ended || this.stdout.push(chunk),
      end: () => {
        this.#endOutput();
      },
      limitReached: () => {
        this.#end();
      },
      pause: () => stdout.pause(),
      resume: () => stdout.resume(),
    };
  }

  #endOutput(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.stdout.push(null);
  }

  /** What a reset is to a pipe. */
  #end(): void {
    this.#up.silence();
    this.#down.silence();
    this.#pipe.stdin.end();
    this.#endOutput();
  }

  #hold(held: boolean): void {
    this.#links.up.held = this.#links.down.held = held;
    if (held) return;
    this.#up.released();
    this.#down.released();
  }

  #setTimers(): void {
    const { resetAfterMs, halfOpenAfterMs } = this.#conditions;
    const later = (ms: number, then: () => void) => {
      if (ms > 0) this.#timers.push(setTimeout(then, ms).unref());
    };
    later(resetAfterMs, () => {
      this.#end();
    });
    later(halfOpenAfterMs, () => {
      this.#up.silence();
      this.#down.silence();
    });
  }
}
