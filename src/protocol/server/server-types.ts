import type { severities } from '../../core/severities.js';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import type {
  CallToolResult,
  CompleteParams,
  CompleteResult,
  Era,
  GetPromptResult,
  Implementation,
  Prompt,
  ReadResourceResult,
  RequestId,
  Resource,
  ResourceTemplate,
  Tool,
} from '../types.js';

/** How an {@link McpServer} introduces itself and pages its lists. */
export interface McpServerOptions {
  name: string;
  version: string;
  title?: string;
  instructions?: string;
  /** Merged over what follows from the registered tools, resources and prompts. */
  capabilities?: JsonObject;
  /** Items per page of every list; all on one page unless given. */
  pageSize?: number;
  /** How long answers of discover and lists may be cached (stateless era), ms; 0 unless given. */
  ttlMs?: number;
  /** Who may share a cached answer (stateless era); `private` unless given. */
  cacheScope?: 'public' | 'private';
  /** Revisions of the session era that are served; all unless given. */
  sessionVersions?: readonly string[];
  /**
   * Session era: whether what handlers ask the client goes out along their call, as MCP advises, or outside of it: over HTTP
   * on the session's GET stream. `call` unless given.
   */
  askOn?: 'call' | 'session';
  /** False: arguments reach the handlers unchecked. True unless given. */
  checkArguments?: boolean;
  /** True: calls that the client cancelled are answered all the same, which they should not be. False unless given. */
  answerCancelled?: boolean;
}

/** The severities of `notifications/message` (RFC 5424). */
export type LogLevel = (typeof severities)[number];

/** What a handler knows of the call and can do during it. */
export interface CallContext {
  readonly era: Era;
  readonly protocolVersion: string;
  readonly method: string;
  readonly requestId: RequestId;
  /** The request's params as they came, `_meta` included. */
  readonly params: JsonObject;
  /** The request's `_meta`; empty where it had none. */
  readonly meta: JsonObject;
  readonly sessionId: string | undefined;
  readonly clientInfo: Implementation | undefined;
  readonly clientCapabilities: JsonObject;
  /** Aborted when the client cancels, or drops the connection in the stateless era, or the session ends. */
  readonly signal: AbortSignal;
  /** Stateless era: the client's answers to the `inputRequests` of the round before. */
  readonly inputResponses: JsonObject | undefined;
  /** Stateless era: what {@link inputRequired} sent along, byte for byte; the client could have made it up. */
  readonly requestState: string | undefined;
  /** Reports progress where the client asked for it; else does nothing. */
  progress(progress: number, total?: number, message?: string): void;
  /** Sends a log message where the client's level lets it through. */
  log(level: LogLevel, data: JsonObject | string, logger?: string): void;
  /** Sends any notification along this call. */
  notify(method: string, params?: JsonObject): void;
  /**
   * Asks the client (sampling, elicitation, roots). In the stateless era the handler is left here, the call answered
   * `input_required`, and the handler run again from its start when the client comes back, this time with the answer:
   * what stands before must be safe to repeat.
   */
  request(method: string, params: JsonObject): Promise<JsonObject>;
  /** With an event store: ends this call's SSE stream early; the client resumes it for the answer. Else does nothing. */
  closeStream(): void;
}

/** Stateless era: what a handler returns to ask the client for input (MRTR). */
export interface InputRequired {
  resultType: 'input_required';
  inputRequests?: Record<string, { method: string; params: JsonObject }>;
  requestState?: string;
}

/** A tool as registered: as listed, `inputSchema` being `{ type: 'object' }` unless given. */
export type ToolDefinition = Omit<Tool, 'inputSchema'> & { name: string; inputSchema?: JsonObject };

/** Answers `tools/call`. What it throws becomes `isError: true`, but for an {@link RpcError}. A string is one text. */
export type ToolHandler = (
  args: JsonObject,
  call: CallContext,
) => CallToolResult | InputRequired | string | Promise<CallToolResult | InputRequired | string>;

/** Answers `resources/read`. `variables` holds what the template's expressions matched. */
export type ResourceHandler = (
  uri: string,
  call: CallContext,
  variables: Record<string, string>,
) => ReadResourceResult | InputRequired | Promise<ReadResourceResult | InputRequired>;

/** Answers `prompts/get`. */
export type PromptHandler = (
  args: Record<string, string>,
  call: CallContext,
) => GetPromptResult | InputRequired | Promise<GetPromptResult | InputRequired>;

/** Answers `completion/complete`. */
export type CompletionHandler = (
  params: CompleteParams,
  call: CallContext,
) => CompleteResult | Promise<CompleteResult>;

/** Answers any method; registered ones come before the built-in ones. */
export type MethodHandler = (params: JsonObject, call: CallContext) => JsonObject | Promise<JsonObject>;

/** Definitions of what is registered besides tools. */
export type {
  Prompt as PromptDefinition,
  Resource as ResourceDefinition,
  ResourceTemplate as TemplateDefinition,
};

/** Rules for the streams that clients hold open: GET in the session era, `subscriptions/listen` in the stateless one. */
export interface HeldStreamRules {
  /** Streams at once; a further one gets 503 with Retry-After. No limit unless given. */
  limit?: number;
  /** A stream on which no message was sent for so long is ended, ms; 0: never. Comments do not count. */
  idleMs?: number;
  /** A stream is ended when it has been open for so long, ms; 0: never. */
  lifeMs?: number;
  /** Hears of streams; `stream` is the same object at its opening and its end. */
  onStream?: (change: 'opened' | 'ended' | 'refused', stream?: object) => void;
  /** Hears of each message on each of them when the system has taken it. */
  onWritten?: (message: JsonObject) => void;
}

/** How to serve streamable HTTP. */
export interface ServeHttpOptions {
  /** 0 (default) takes a free port. */
  port?: number;
  /** `127.0.0.1` unless given. */
  host?: string;
  /** `/mcp` unless given. */
  path?: string;
  /** Session era: with session ids, or every request for itself. Default `stateful`. */
  session?: 'stateful' | 'stateless';
  /** Which eras are served. Default `both`. */
  eras?: 'both' | Era;
  /**
   * `auto` (default): JSON, and SSE as soon as a handler sends something before its result. `json`: never SSE, what
   * would be sent on it is dropped. `sse`: always, the stream opens when the call begins. `late-sse`: always, it opens
   * with the answer. `chunked`: as `auto`, with JSON in chunks and without Content-Length. A function decides by
   * request.
   */
  answers?: AnswerMode | ((method: string, params: JsonObject) => AnswerMode);
  /** Sessions at once; a further `initialize` gets 503 with Retry-After. 10,000. */
  maxSessions?: number;
  /** A session unused this long expires (404 from then on), ms; 30 minutes. 0: never. */
  sessionIdleMs?: number;
  /** Bytes of one request body; 4 MiB. Beyond it: 413. */
  maxBodyBytes?: number;
  /** Hosts that `Origin` and `Host` may name; loopback names when listening on loopback, else any. */
  allowedHosts?: readonly string[];
  /** Session era: number SSE events, begin streams with a priming event, and keep this many for resumption. 0: off. */
  eventStore?: number;
  /** What priming events tell clients to wait before they reconnect, ms. */
  retryMs?: number;
  /** A comment on idle streams every so often, ms; 15,000. 0: never. */
  keepAliveMs?: number;
  /** Also serve legacy HTTP+SSE: GET this path opens the stream, such as `/sse`. Off unless given. */
  ssePath?: string;
  /** TLS; plain HTTP unless given. */
  tls?: { key: string | Buffer; cert: string | Buffer };
  clock?: Clock;
  /** Sees every request first; true says that it has answered it. For pages beside the MCP endpoint. */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** A connection unused this long is closed, ms; 75,000. */
  idleTimeoutMs?: number;
  /** Hears of every accepted connection. */
  onConnection?: (socket: Socket) => void;
  /** Hears of the sessions of the session era, opened and ended. */
  onSession?: (change: 'opened' | 'ended', id: string) => void;
  /** For the streams that clients hold open. */
  heldStreams?: HeldStreamRules;
  /** DELETE is answered, but the session lives on: a leak on purpose. */
  keepEndedSessions?: boolean;
}

/** The form of an answer over HTTP. */
export type AnswerMode = 'auto' | 'json' | 'sse' | 'late-sse' | 'chunked';

/** A listening server. */
export interface HttpServing {
  /** Such as `http://127.0.0.1:40123/mcp`. */
  readonly url: string;
  /** The legacy stream's URL where `ssePath` was given. */
  readonly sseUrl: string | undefined;
  readonly port: number;
  /** Open sessions. */
  readonly sessions: number;
  /** Ends every stream and connection. */
  close(): Promise<void>;
}

/** How to serve stdio. */
export interface ServeStdioOptions {
  /** `process.stdin` unless given. */
  input?: NodeJS.ReadableStream;
  /** `process.stdout` unless given. */
  output?: NodeJS.WritableStream;
  eras?: 'both' | Era;
  /** Bytes of one line; 64 MiB. Beyond it the connection ends. */
  maxLineBytes?: number;
}

/** A served pipe. */
export interface StdioServing {
  /** Resolves when the client has closed its side, or after {@link close}. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}
