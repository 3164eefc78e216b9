import type { TlsOptions } from '../protocol/index.js';

/** How a target wants to be let in; tokens are fetched when the target is opened, and again on 401. */
export type AuthSpec =
  | { kind: 'bearer'; token: string }
  /** The shell command prints the token, within `timeoutMs` (30,000 unless given). */
  | { kind: 'bearer-command'; command: string; timeoutMs?: number }
  /** OAuth 2.1 client credentials; without `tokenUrl` it is discovered (RFC 9728, RFC 8414). */
  | { kind: 'client-credentials'; clientId: string; clientSecret: string; tokenUrl?: string; scope?: string };

/** A server reached over HTTP. */
export interface HttpTargetSpec {
  /** Streamable HTTP, or legacy HTTP+SSE. */
  kind: 'http' | 'sse';
  url: string;
  headers: Record<string, string>;
  auth?: AuthSpec;
  tls?: TlsOptions;
}

/** A server that is started and spoken to over its standard streams. */
export interface StdioTargetSpec {
  kind: 'stdio';
  command: string;
  args: string[];
  /** Added to our own environment. */
  env: Record<string, string>;
  cwd?: string;
}

/** The bundled reference server, in a process of its own. */
export interface ReferenceTargetSpec {
  kind: 'reference';
  transport: 'http' | 'stdio';
  /** Options of `dyno serve`. */
  args: string[];
}

/** What to measure; plain data that survives structured cloning. */
export type TargetSpec = HttpTargetSpec | StdioTargetSpec | ReferenceTargetSpec;
