import { StreamTruth, type StreamTruthStats } from './stream-truth.js';
import { FineHistogram, type PublishedHistogram } from './fine-histogram.js';

/** What the reference server counted itself: the truth that a measurement is held against. */
export interface TruthStats {
  server: 'reference';
  pid: number;
  /** Since the start, or the last reset. */
  sinceMs: number;
  /** Calls of tools that were taken; `outcomes` and `tools` add up to it. */
  calls: number;
  /** Calls whose handling came to an end, well or badly; those that hang never do. */
  answered: number;
  /** Calls that the client cancelled while they were under way. */
  cancelled: number;
  slow: number;
  stalls: number;
  outcomes: Record<string, number>;
  tools: Record<string, number>;
  /** What tools asked the client, by method: requests sent, answered with a result, refused with an error. */
  asks: Record<string, { sent: number; answered: number; refused: number }>;
  sessions: { opened: number; ended: number; open: number };
  connections: { total: number; open: number; max: number };
  concurrency: {
    inFlight: number;
    inFlightMax: number;
    inServiceMax: number;
    waitingMax: number;
    /** [n, count]: so many calls found n calls under way when they arrived, themselves included. */
    atArrival: [number, number][];
  };
  /** Streams that clients hold open, and what was sent on them. */
  streams: StreamTruthStats;
  /** What the leak knobs have kept since the start; a reset does not free it. */
  kept: { bytes: number; fds: number; sessionBytes: number };
  /** From a free slot to the answer, as the server's clock saw it. */
  service: PublishedHistogram;
  /** From arrival to the answer. */
  residence: PublishedHistogram;
}

/** What a truth reads when it publishes; the owner of each figure hands in how to get it. */
export interface TruthSources {
  inServiceMax: () => number;
  waitingMax: () => number;
  kept: () => TruthStats['kept'];
  onReset: () => void;
}

/** The reference server's counts. */
export class Truth {
  readonly streams = new StreamTruth();
  readonly #sources: TruthSources;
  #since = performance.now();
  #calls = 0;
  #answered = 0;
  #cancelled = 0;
  #slow = 0;
  #stalls = 0;
  #outcomes = new Map<string, number>();
  #tools = new Map<string, number>();
  #asks = new Map<string, { sent: number; answered: number; refused: number }>();
  #inFlight = 0;
  #inFlightMax = 0;
  #atArrival = new Map<number, number>();
  #service = new FineHistogram();
  #residence = new FineHistogram();
  #sessions = { opened: 0, ended: 0, open: 0 };
  #connections = { total: 0, open: 0, max: 0 };

  constructor(sources: TruthSources) {
    this.#sources = sources;
  }

  get calls(): number {
    return this.#calls;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  arrived(tool: string, outcome: string, slow: boolean): void {
    this.#calls++;
    if (slow) this.#slow++;
    count(this.#outcomes, outcome);
    count(this.#tools, tool);
    this.#inFlight++;
    if (this.#inFlight > this.#inFlightMax) this.#inFlightMax = this.#inFlight;
    count(this.#atArrival, this.#inFlight);
  }

  /** Times in milliseconds. */
  answered(serviceMs: number, residenceMs: number): void {
    this.#inFlight--;
    this.#answered++;
    this.#service.record(serviceMs);
    this.#residence.record(residenceMs);
  }

  /** A call that will never be answered: it is no longer counted as under way. */
  hung(): void {
    this.#inFlight--;
  }

  /** A call that was given up because the client cancelled it. */
  gaveUp(): void {
    this.#inFlight--;
  }

  /** A tool asked the client, or has its answer. */
  asked(method: string, what: 'sent' | 'answered' | 'refused'): void {
    let counts = this.#asks.get(method);
    if (counts === undefined) this.#asks.set(method, (counts = { sent: 0, answered: 0, refused: 0 }));
    counts[what]++;
  }

  cancelled(): void {
    this.#cancelled++;
  }

  stalled(): void {
    this.#stalls++;
  }

  get connectionsOpen(): number {
    return this.#connections.open;
  }

  session(change: 'opened' | 'ended'): void {
    this.#sessions[change]++;
    this.#sessions.open += change === 'opened' ? 1 : -1;
  }

  connection(change: 'opened' | 'closed'): void {
    const connections = this.#connections;
    connections.open += change === 'opened' ? 1 : -1;
    if (change === 'opened') connections.total++;
    connections.max = Math.max(connections.max, connections.open);
  }

  /** Forgets everything but what is still under way, open or kept. */
  reset(): void {
    this.#since = performance.now();
    this.#calls = this.#answered = this.#cancelled = this.#slow = this.#stalls = 0;
    this.#outcomes = new Map();
    this.#tools = new Map();
    this.#asks = new Map();
    this.#inFlightMax = this.#inFlight;
    this.#atArrival = new Map();
    this.#service = new FineHistogram();
    this.#residence = new FineHistogram();
    this.#sessions = { opened: 0, ended: 0, open: this.#sessions.open };
    const { open } = this.#connections;
    this.#connections = { total: 0, open, max: open };
    this.streams.reset();
    this.#sources.onReset();
  }

  publish(): TruthStats {
    return {
      server: 'reference',
      pid: process.pid,
      sinceMs: performance.now() - this.#since,
      calls: this.#calls,
      answered: this.#answered,
      cancelled: this.#cancelled,
      slow: this.#slow,
      stalls: this.#stalls,
      outcomes: Object.fromEntries(this.#outcomes),
      tools: Object.fromEntries(this.#tools),
      asks: Object.fromEntries([...this.#asks].map(([method, counts]) => [method, { ...counts }])),
      sessions: { ...this.#sessions },
      connections: { ...this.#connections },
      concurrency: {
        inFlight: this.#inFlight,
        inFlightMax: this.#inFlightMax,
        inServiceMax: this.#sources.inServiceMax(),
        waitingMax: this.#sources.waitingMax(),
        atArrival: [...this.#atArrival].sort(([a], [b]) => a - b),
      },
      streams: this.streams.publish(),
      kept: this.#sources.kept(),
      service: this.#service.publish(),
      residence: this.#residence.publish(),
    };
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
