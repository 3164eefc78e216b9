import type { ProtocolVersion } from '../../protocol/index.js';
import type { ServiceDistribution } from '../timing/service-time.js';
import type { Scalability } from '../timing/scalability.js';

/** The ways in which the server can be made to answer badly, and the outcome a client ought to count for each. */
export const badOutcomes = {
  /** `isError: true`. */
  tool: 'tool',
  /** A JSON-RPC error. */
  rpc: 'rpc',
  /** Structured content that breaks the tool's outputSchema; tools without one answer well. */
  schema: 'schema',
  /** Status 500. */
  http: 'http',
  /** Status 429 with Retry-After. */
  throttle: 'throttled',
  /** Not JSON. */
  garbage: 'parse',
  /** The answer under an id that nobody sent. */
  'wrong-id': 'mismatch',
  /** Half an answer, then the connection is closed. */
  close: 'transport',
  /** No answer, ever. */
  hang: 'timeout',
} as const;

/** A way of answering badly. */
export type BadOutcome = keyof typeof badOutcomes;

/** Outcomes that only HTTP can show. */
export const httpOutcomes: readonly BadOutcome[] = ['http', 'throttle', 'close'];

/** Everything that can be set on the reference server. Times are milliseconds, sizes bytes, shares 0…1. */
export interface ReferenceKnobs {
  transport: 'http' | 'stdio';
  /** 0 takes a free port. */
  port: number;
  host: string;
  path: string;
  era: 'both' | 'session' | 'stateless';
  /** Of the session era, the only revision that is served. */
  protocol: ProtocolVersion | undefined;
  /** False: the session era without session ids. */
  sessions: boolean;

  serviceTimeMs: number;
  distribution: ServiceDistribution;
  /** This share of the calls, in a fixed rotation, takes `slowTimeMs` instead. */
  slowShare: number;
  slowTimeMs: number;
  /** The server stands still for this long in every so long. */
  stall: { forMs: number; everyMs: number } | undefined;
  /** Every call takes this much longer for each `perMs` that the server has been running. */
  drift: { byMs: number; perMs: number } | undefined;
  /** Calls served at once; Infinity for no limit. */
  slots: number;
  /** Calls taken at once, in a slot or waiting for one; more are throttled. */
  maxInFlight: number;
  /** Service time is spent computing instead of waiting. */
  spin: boolean;
  /** How long the tool `slow_report` takes. */
  slowReportMs: number;
  /** While `slow_report` runs, nothing else does. */
  singleThreadedSlowTool: boolean;
  /** Every call takes what this law says for the calls in flight, whatever the service time. */
  scalability: Scalability | undefined;
  /** Of the service times and of the made tools. */
  seed: number;

  fail: ReadonlyMap<BadOutcome, number>;
  keepBytes: number;
  churnBytes: number;
  /** Held while a call is under way. */
  holdBytes: number;
  /** Held from the start. */
  ballastBytes: number;
  /** Held during the second half of each period. */
  memorySwing: { bytes: number; everyMs: number } | undefined;
  leakFds: boolean;
  leakSessions: boolean;
  /** Held for as long as a session is open. */
  bytesPerSession: number;
  /** Kept for every session that was opened, for ever. */
  leakBytesPerSession: number;
  sessionLimit: number;
  /** A session unused this long expires; 0: never. */
  sessionTtlMs: number;

  /** TCP connections at once; more are closed at once. */
  connectionLimit: number;
  /** An HTTP connection unused this long is closed; 0: the transport's own default. */
  idleTimeoutMs: number;
  /** Events kept per session for resumption with Last-Event-ID; 0: none. */
  eventStore: number;
  /** The path of legacy HTTP+SSE, where it is served too. */
  ssePath: string | undefined;
  /** Files with a certificate and its key, PEM: serve HTTPS. */
  tls: { cert: string; key: string } | undefined;

  startDelayMs: number;
  /** Made tools beside the real ones. */
  catalogue: number;
  /** Items per page of every list; 0: all on one page. */
  pageSize: number;
  answer: 'json' | 'sse' | 'chunked';
  /** The text of every answer of a tool is padded to at least this. */
  answerBytes: number;
  annotations: 'honest' | 'none' | 'lying';
  /** What happens to arguments that break the schema: refused after a quick or a full check, taken, fatal, or never answered. */
  arguments: 'check' | 'strict' | 'accept' | 'crash' | 'hang';
  /** Bytes of one request, over HTTP of its body, on stdio of its line; more is refused. */
  maxRequestBytes: number;
  ignoreCancel: boolean;
  /** Calls that were cancelled are answered all the same. */
  answerCancelled: boolean;
  /** Tools that ask the client: sampling, elicitation, roots. */
  interactive: boolean;
  /** Session era: they ask along their call, or outside of it. */
  askOn: 'call' | 'session';
  /** They hand answers to other calls, or leave a call without an answer that was refused. */
  askFault: 'none' | 'mixed' | 'hang';
  /** A tool that may run as a task, how long it takes, and the poll interval that it suggests. */
  tasks: boolean;
  taskTimeMs: number;
  taskPollMs: number;
  /** The resource `dyno://tick` changes at every whole multiple of this on the wall clock; 0: never. */
  tickMs: number;
  /** Its notifications are sent so much later than their time stamp says. */
  tickDelayMs: number;
  /** These shares of its notifications are not sent, or sent twice. */
  loseTicks: number;
  repeatTicks: number;
  /** Streams that clients hold open at once; more are refused. */
  streamLimit: number;
  /** A stream without an event for so long is ended; 0: never. */
  streamIdleMs: number;
  /** A stream is ended when it has been open for so long; 0: never. */
  streamLifeMs: number;
  /** Held for as long as a stream is open. */
  bytesPerStream: number;

  /** Ends in the middle of the call after this many; Infinity: never. */
  dieAfter: number;
  /** The end of stdin and SIGTERM are ignored. */
  ignoreStop: boolean;
  forkChild: boolean;
  /** Over HTTP too, the server ends when its stdin does. */
  exitWithStdin: boolean;
  /** The counts are written there when the server ends. */
  statsFile: string | undefined;
}

/** A well-behaved server: fast, over HTTP on a free port of loopback, in both eras. */
export const defaultKnobs: ReferenceKnobs = {
  transport: 'http',
  port: 0,
  host: '127.0.0.1',
  path: '/mcp',
  era: 'both',
  protocol: undefined,
  sessions: true,
  serviceTimeMs: 0,
  distribution: { kind: 'constant' },
  slowShare: 0,
  slowTimeMs: 0,
  stall: undefined,
  drift: undefined,
  slots: Infinity,
  maxInFlight: Infinity,
  spin: false,
  slowReportMs: 250,
  singleThreadedSlowTool: false,
  scalability: undefined,
  seed: 1,
  fail: new Map(),
  keepBytes: 0,
  churnBytes: 0,
  holdBytes: 0,
  ballastBytes: 0,
  memorySwing: undefined,
  leakFds: false,
  leakSessions: false,
  bytesPerSession: 0,
  leakBytesPerSession: 0,
  sessionLimit: 10_000,
  sessionTtlMs: 30 * 60_000,
  connectionLimit: Infinity,
  idleTimeoutMs: 0,
  eventStore: 0,
  ssePath: undefined,
  tls: undefined,
  startDelayMs: 0,
  catalogue: 0,
  pageSize: 0,
  answer: 'json',
  answerBytes: 0,
  annotations: 'honest',
  arguments: 'check',
  maxRequestBytes: 64 * 1024 * 1024,
  ignoreCancel: false,
  answerCancelled: false,
  interactive: false,
  askOn: 'call',
  askFault: 'none',
  tasks: false,
  taskTimeMs: 300,
  taskPollMs: 50,
  tickMs: 0,
  tickDelayMs: 0,
  loseTicks: 0,
  repeatTicks: 0,
  streamLimit: Infinity,
  streamIdleMs: 0,
  streamLifeMs: 0,
  bytesPerStream: 0,
  dieAfter: Infinity,
  ignoreStop: false,
  forkChild: false,
  exitWithStdin: false,
  statsFile: undefined,
};
