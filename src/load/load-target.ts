import type { JsonObject } from '../core/json.js';
import type { TlsOptions } from '../protocol/http/index.js';

/** What every load thread must know of the target; found out once, before the load. Plain data. */
export interface LoadDialect {
  era: 'session' | 'stateless';
  protocolVersion: string;
  /** Answers to the server's own requests (`sampling/createMessage`, …) by method; others are refused with -32601. */
  answers?: Record<string, JsonObject>;
}

/** A target as load threads reach it. It survives structured cloning. */
export type LoadTarget = LoadDialect &
  (
    | { kind: 'http'; url: string; headers: Record<string, string>; tls?: TlsOptions }
    | { kind: 'sse'; url: string; headers: Record<string, string>; tls?: TlsOptions }
    | { kind: 'stdio'; command: string; args: string[]; env: Record<string, string>; cwd?: string }
  );
