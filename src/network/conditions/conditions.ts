/** How jitter is spread around the latency. */
export const distributions = ['uniform', 'normal', 'exponential'] as const;

/** Uniform: latency ± jitter. Normal: jitter is the standard deviation. Exponential: jitter is the mean of what is added. */
export type Distribution = (typeof distributions)[number];

/** What one direction of a network does to the bytes that pass it. A zero switches off what it belongs to. */
export interface DirectionConditions {
  /** One way, ms. */
  latencyMs: number;
  /** One way, ms; see {@link Distribution}. The order of bytes is kept, as TCP keeps it. */
  jitterMs: number;
  distribution: Distribution;
  /** Bytes per second of the link, shared by all connections. */
  bandwidth: number;
  /** The share (0…1) of segments of 1,460 bytes that come late by `stallMs`, and hold up what follows: loss as TCP shows it. */
  stallShare: number;
  stallMs: number;
  /** The end of a stream is passed on so much later, ms. */
  slowCloseMs: number;
  /** After so many bytes in this direction a connection is closed. */
  limitBytes: number;
  /** Bytes are passed on in pieces of at most so many, with `sliceGapMs` between them. */
  sliceBytes: number;
  sliceGapMs: number;
}

/**
 * A stretch without a network, ms from the start of the proxy; with `everyMs` again and again. `reset` ends connections and
 * refuses new ones; `hold` keeps them and holds everything back until the end, as retransmission would.
 */
export interface Cut {
  atMs: number;
  forMs: number;
  /** 0: once. */
  everyMs: number;
  kind: CutKind;
}

/** What a cut does to connections. */
export type CutKind = 'reset' | 'hold';

/** A network, both directions. Plain data. */
export interface NetworkConditions {
  /** From the client to the server. */
  up: DirectionConditions;
  /** From the server to the client. */
  down: DirectionConditions;
  /** A new connection's first bytes wait a round trip, as TCP's handshake makes them. */
  handshake: boolean;
  /** Each connection is reset so long after it was opened, ms; 0: never. */
  resetAfterMs: number;
  /** The share (0…1) of chunks at which their connection is reset. */
  resetShare: number;
  /** So long after it was opened a connection falls silent both ways and is not closed, ms; 0: never. */
  halfOpenAfterMs: number;
  cuts: Cut[];
}

const clearDirection: DirectionConditions = {
  latencyMs: 0,
  jitterMs: 0,
  distribution: 'uniform',
  bandwidth: 0,
  stallShare: 0,
  stallMs: 0,
  slowCloseMs: 0,
  limitBytes: 0,
  sliceBytes: 0,
  sliceGapMs: 0,
};

/** A network that does nothing. */
export function clearConditions(): NetworkConditions {
  return {
    up: { ...clearDirection },
    down: { ...clearDirection },
    handshake: false,
    resetAfterMs: 0,
    resetShare: 0,
    halfOpenAfterMs: 0,
    cuts: [],
  };
}

/** A copy that shares nothing. */
export function copyConditions(conditions: NetworkConditions): NetworkConditions {
  return structuredClone(conditions);
}

/** True where bytes may be passed on as they come. */
export function isClear(direction: DirectionConditions): boolean {
  const { latencyMs, jitterMs, bandwidth, stallShare, sliceBytes, limitBytes } = direction;
  return [latencyMs, jitterMs, bandwidth, stallShare, sliceBytes, limitBytes].every((value) => value === 0);
}

/** The round trip that the conditions add, ms, without jitter. */
export function roundTripMs({ up, down }: NetworkConditions): number {
  return up.latencyMs + down.latencyMs;
}
