import type { NetworkConditions } from '../network/conditions/conditions.js';
import type { ScriptedReply } from '../plan/config/index.js';
import type { TlsOptions, Via } from '../protocol/http/index.js';

/** What every load thread must know of the target; found out once, before the load. Plain data. */
export interface LoadDialect {
  era: 'session' | 'stateless';
  protocolVersion: string;
  /**
   * Replies to the server's own requests (`sampling/createMessage`, …) by method, each list used in turn and its last reply
   * from then on; other methods are refused with -32601. Absent: the server is told that it can ask nothing.
   */
  answers?: Record<string, ScriptedReply[]>;
}

/** What a URL target needs to be reached. */
interface LoadUrl {
  url: string;
  headers: Record<string, string>;
  tls?: TlsOptions;
  /** Connect here in place of the URL's host and port. */
  via?: Via;
}

/** A network in the pipe of a stdio target. */
export interface LoadNetwork {
  conditions: NetworkConditions;
  seed: number;
  /** The `BroadcastChannel` on which `{ cutMs }` holds the network back for a while. */
  control?: string;
}

/** A target as load threads reach it. It survives structured cloning. */
export type LoadTarget = LoadDialect &
  (
    | ({ kind: 'http' } & LoadUrl)
    | ({ kind: 'sse' } & LoadUrl)
    | {
        kind: 'stdio';
        command: string;
        args: string[];
        env: Record<string, string>;
        cwd?: string;
        network?: LoadNetwork;
      }
  );
