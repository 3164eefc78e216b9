/** A count of durations as the truth servers publish it. */
export interface TruthHistogram {
  count: number;
  sumMs: number;
  minMs: number;
  maxMs: number;
  /** Quantiles are the middle of the bin that holds the nearest rank. */
  p50Ms: number;
  p90Ms: number;
  p95Ms: number;
  p99Ms: number;
  binMs: number;
  /** [index, count]: index i holds the durations from i · binMs up to (i + 1) · binMs. */
  bins: [number, number][];
}

/** What a truth server (near-free, reference, the Python one) counted itself. */
export interface TruthStats {
  server: string;
  /** tools/call requests taken; `outcomes` and `tools` add up to it. */
  calls: number;
  /** Calls answered to a client that was still there. */
  answered: number;
  /** Calls whose client had gone before the answer. */
  abandoned: number;
  slow: number;
  stalls: number;
  outcomes: Record<string, number>;
  tools: Record<string, number>;
  messages: Record<string, number>;
  sessions: { opened: number; ended: number };
  connections: { total: number; open: number; max: number };
  concurrency: { inFlight: number; inFlightMax: number; inServiceMax: number; waitingMax: number };
  /** From a free slot to the answer. */
  service: TruthHistogram;
  /** From arrival to the answer. */
  residence: TruthHistogram;
}

export interface NearFreeServer {
  url: string;
  port: number;
  pid: number;
  stats(): Promise<TruthStats>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** True when a C compiler is there; else tests that need the server say that they are skipped. */
export function hasCompiler(): boolean;
/** The path of the built program; builds it when a source is newer. */
export function buildNearFreeServer(): string;
/** Starts it over HTTP on a free port and waits until it listens. It ends with this process, or with stop(). */
export function startNearFreeServer(args?: readonly string[]): Promise<NearFreeServer>;
