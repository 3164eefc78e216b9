import type { Readable, Writable } from 'node:stream';

import type { Clock } from '../core/clock.js';
import type { Json, JsonObject } from '../core/json.js';
import type { TlsOptions, Via } from './http/origin.js';
import type { McpServer } from './server/mcp-server.js';

/** The revisions of MCP that both sides here speak, oldest first. */
export const protocolVersions = [
  '2024-11-05',
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
  '2026-07-28',
] as const;

/** A revision of MCP. */
export type ProtocolVersion = (typeof protocolVersions)[number];

/** Session: `initialize` and (over HTTP) a session id, up to 2025-11-25. Stateless: from 2026-07-28. */
export type Era = 'session' | 'stateless';

/** What names a request on the wire (JSON-RPC 2.0, section 4; MCP forbids null). */
export type RequestId = string | number;

export type { TlsOptions, Via };

/** Why an `Authorization` value is asked for. */
export interface AuthorizationRequest {
  /** True after a 401: the value given last is no longer good. */
  refresh: boolean;
  /** The `WWW-Authenticate` header of that 401. */
  challenge?: string;
}

/** What streamable HTTP and legacy HTTP+SSE have in common. */
export interface HttpEndpointOptions {
  url: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /**
   * The value of the `Authorization` header, such as `Bearer …`; undefined for none. Asked once before the first
   * request and once more (`refresh: true`) when the server answers 401.
   */
  authorization?: (request: AuthorizationRequest) => Promise<string | undefined>;
  tls?: TlsOptions;
  /** Connect here in place of the URL's host and port, such as to a proxy that passes bytes on. */
  via?: Via;
}

/** The standard streams of a server that was already started. */
export interface StdioPipe {
  stdin: Writable;
  stdout: Readable;
  /** Resolves when the child has ended; never rejects. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** What can be connected to. */
export type Endpoint =
  /** Streamable HTTP; falls back to legacy HTTP+SSE as the specification says. */
  | ({ kind: 'http' } & HttpEndpointOptions)
  /** Legacy HTTP+SSE (revision 2024-11-05). */
  | ({ kind: 'sse' } & HttpEndpointOptions)
  /** A started child. The connection closes the pipe; stopping the child is its owner's part. */
  | { kind: 'stdio'; pipe: StdioPipe }
  /** A server in this process; messages are handed over as objects, not serialised. */
  | { kind: 'in-process'; server: McpServer };

/** The bounds that keep a hostile server from filling memory. Bytes unless said otherwise. */
export interface WireLimits {
  /** One line on stdio; 64 MiB. */
  maxLineBytes: number;
  /** One HTTP body, or one SSE event; 64 MiB. */
  maxBodyBytes: number;
  /** All headers of one HTTP answer; 64 KiB. */
  maxHeaderBytes: number;
  /** Pages of one list; 1,000. */
  maxPages: number;
  /** Items of one list over all pages; 100,000. */
  maxItems: number;
  /** Rounds of one call that asks for input (MRTR); 16. */
  maxRounds: number;
  /** Times one answer stream is resumed with Last-Event-ID; 16. */
  maxResumes: number;
  /** Lines (or events) that are no JSON-RPC, before the connection is given up; 10,000. */
  maxNoise: number;
}

/** What a server-to-client request comes with. */
export interface IncomingRequestContext {
  /** Aborted when the server cancels the request or the connection ends. */
  signal: AbortSignal;
}

/** Answers a request of the server (sampling, elicitation, roots); what it throws becomes a JSON-RPC error. */
export type RequestHandler = (
  method: string,
  params: JsonObject,
  context: IncomingRequestContext,
) => Promise<JsonObject>;

/** Hears a notification of the server. */
export type NotificationHandler = (method: string, params: JsonObject) => void;

/** A name and a version, as both sides introduce themselves. */
export interface Implementation {
  name: string;
  version: string;
  title?: string;
}

/** How to connect. */
export interface ConnectOptions {
  /** `auto` negotiates; a revision skips probing and is the only one accepted. Default `auto`. */
  protocol?: 'auto' | ProtocolVersion | undefined;
  /** `mcp-dyno` and its version unless given. */
  clientInfo?: Implementation | undefined;
  /** The handshake's bound and the default for every request; 30,000 ms. */
  timeoutMs?: number | undefined;
  /** Ends the handshake; has no effect on the connection afterwards. */
  signal?: AbortSignal | undefined;
  limits?: Partial<WireLimits> | undefined;
  /** Default: refuses every request but `ping` with -32601. */
  onRequest?: RequestHandler | undefined;
  onNotification?: NotificationHandler | undefined;
  /** The client's capabilities, such as `{ sampling: {} }`; none unless given. */
  capabilities?: JsonObject | undefined;
  clock?: Clock | undefined;
  /**
   * Stdio and `auto` only: starts a throwaway child for `server/discover`; the connection ends its stdin, the caller
   * stops it. Without it, `auto` means the session era, or the stateless one where the server refuses `initialize`.
   */
  probe?: (() => Promise<StdioPipe>) | undefined;
  /**
   * Streamable HTTP of the session era: hold a GET stream open for what the server sends outside of calls, on a
   * connection of its own. Default: true when `onRequest` or `onNotification` is given.
   */
  listen?: boolean | undefined;
  /** Streamable HTTP: connections at most for calls; 256. Streams and replies have their own. */
  maxConnections?: number | undefined;
}

/** Progress of a call, as the server reports it. */
export interface Progress {
  progress: number;
  total?: number;
  message?: string;
}

/** How to make one request. */
export interface RequestOptions {
  /** Really ends the call; the connection's default unless given. */
  timeoutMs?: number | undefined;
  /** Cancels the request on the wire; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Hears the id that the request has on the wire; again where it has to be sent again. */
  onId?: ((id: RequestId) => void) | undefined;
  /** Kinds of result that are taken besides complete ones, such as `task`; stateless era. */
  resultTypes?: readonly string[] | undefined;
}

/** Hints of an untrusted side. Where absent: readOnly false, destructive true, idempotent false, openWorld true. */
export interface ToolAnnotations {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
}

/** A tool as listed by a server. Further fields are kept as they came. */
export interface Tool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
  annotations?: ToolAnnotations;
  _meta?: JsonObject;
  [field: string]: unknown;
}

/** A piece of content: text, image, audio, resource link or embedded resource. */
export interface ContentBlock {
  type: string;
  text?: string;
  data?: string;
  mimeType?: string;
  uri?: string;
  name?: string;
  resource?: ResourceContents;
  [field: string]: unknown;
}

/** What a tool answered. */
export interface CallToolResult {
  content: ContentBlock[];
  /** An object up to 2025-11-25, any JSON value from 2026-07-28. */
  structuredContent?: Json;
  isError?: boolean;
  _meta?: JsonObject;
  [field: string]: unknown;
}

/** A resource as listed by a server. */
export interface Resource {
  uri: string;
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  size?: number;
  [field: string]: unknown;
}

/** A family of resources, by URI template (RFC 6570). */
export interface ResourceTemplate {
  uriTemplate: string;
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  [field: string]: unknown;
}

/** The contents of a resource: `text`, or `blob` in base64. */
export interface ResourceContents {
  uri: string;
  mimeType?: string;
  text?: string;
  blob?: string;
  [field: string]: unknown;
}

/** What `resources/read` answered. */
export interface ReadResourceResult {
  contents: ResourceContents[];
  [field: string]: unknown;
}

/** A prompt as listed by a server. */
export interface Prompt {
  name: string;
  title?: string;
  description?: string;
  arguments?: { name: string; description?: string; required?: boolean }[];
  [field: string]: unknown;
}

/** What `prompts/get` answered. */
export interface GetPromptResult {
  description?: string;
  messages: { role: 'user' | 'assistant'; content: ContentBlock }[];
  [field: string]: unknown;
}

/** What a completion is asked for. */
export interface CompleteParams {
  ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string };
  argument: { name: string; value: string };
  context?: { arguments?: Record<string, string> };
}

/** What `completion/complete` answered. */
export interface CompleteResult {
  completion: { values: string[]; total?: number; hasMore?: boolean };
  [field: string]: unknown;
}

/** What `server/discover` answered (stateless era). */
export interface DiscoverResult {
  supportedVersions: string[];
  capabilities: JsonObject;
  serverInfo?: Implementation;
  instructions?: string;
  ttlMs?: number;
  cacheScope?: 'public' | 'private';
  [field: string]: unknown;
}

/** What a connection saw that was odd but did not end it. */
export interface WireDiagnostics {
  /** Lines or events that were no JSON-RPC message, such as logs on stdout. */
  noise: number;
  /** The beginning of the first of them, control characters removed. */
  firstNoise?: string;
  /** Answers to requests that were never made. */
  strayAnswers: number;
  /** Times an expired session was opened again. */
  reopened: number;
  /** Tools that were left out of `listTools`, and why. */
  droppedTools: { name: string; reason: string }[];
}

/** What a subscription of the stateless era asks to hear of. */
export interface SubscriptionWish {
  toolsListChanged?: boolean;
  promptsListChanged?: boolean;
  resourcesListChanged?: boolean;
  /** URIs of resources. */
  resourceSubscriptions?: string[];
}

/** A running `subscriptions/listen`; what it brings goes to `onNotification`. */
export interface Subscription {
  /** Resolves when the server ended it in order; rejects with a WireError when it broke off. */
  readonly ended: Promise<void>;
  /** Ends it. */
  close(): void;
}

/** A connection to a server, in either era, over any transport. */
export interface McpConnection {
  readonly era: Era;
  readonly protocolVersion: ProtocolVersion;
  readonly serverInfo: Implementation;
  /** The server's capabilities. */
  readonly capabilities: JsonObject;
  readonly instructions?: string | undefined;
  /** Streamable HTTP of the session era, where the server gives one; changes when an expired session is re-opened. */
  readonly sessionId?: string | undefined;
  /** How the messages travel; `http` may have become `sse` by negotiation. */
  readonly transport: 'http' | 'sse' | 'stdio' | 'in-process';
  readonly diagnostics: WireDiagnostics;
  /** Resolves when the connection has ended, by either side. */
  readonly closed: Promise<{ reason: string }>;

  /** @throws WireError for every way of failing but the caller's own `signal`. */
  request(method: string, params?: JsonObject, options?: RequestOptions): Promise<JsonObject>;
  notify(method: string, params?: JsonObject): Promise<void>;
  /** All pages, bounded. Tools with invalid names, schemas or `x-mcp-header` marks are left out (see diagnostics). */
  listTools(options?: RequestOptions): Promise<Tool[]>;
  callTool(name: string, args?: JsonObject, options?: RequestOptions): Promise<CallToolResult>;
  listResources(options?: RequestOptions): Promise<Resource[]>;
  listResourceTemplates(options?: RequestOptions): Promise<ResourceTemplate[]>;
  readResource(uri: string, options?: RequestOptions): Promise<ReadResourceResult>;
  listPrompts(options?: RequestOptions): Promise<Prompt[]>;
  getPrompt(name: string, args?: Record<string, string>, options?: RequestOptions): Promise<GetPromptResult>;
  complete(params: CompleteParams, options?: RequestOptions): Promise<CompleteResult>;
  /** `ping`; in the stateless era, which has none, `server/discover`. */
  ping(options?: RequestOptions): Promise<void>;
  /** `server/discover`; stateless era only. */
  discover(options?: RequestOptions): Promise<DiscoverResult>;
  /** `subscriptions/listen`; stateless era only. Lasts until closed. */
  subscribe(wish: SubscriptionWish): Subscription;
  /** Ends streams, session (DELETE) and sockets; a stdio pipe's stdin is ended. Never rejects. */
  close(): Promise<void>;
}
