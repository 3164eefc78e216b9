import type { JsonObject } from '../../core/json.js';
import type { RequestId } from '../types.js';

/** A way of answering badly, which no handler can reach through its result. */
export type Fault =
  /** HTTP: this status, and no JSON-RPC. */
  | { kind: 'status'; status: number; headers?: Record<string, string>; body: string }
  /** This text where the JSON document would stand. */
  | { kind: 'text'; text: string }
  /** The result under an id that was not asked for. */
  | { kind: 'id'; id: RequestId; result: JsonObject }
  /** HTTP: half of this answer, then the connection is closed. */
  | { kind: 'close'; result: JsonObject };

/**
 * Thrown by a handler of a server that misbehaves on purpose: the transport does this in place of answering. What the
 * transport cannot do (a status on stdio) leaves the request without an answer.
 */
export class WireFault extends Error {
  override readonly name = 'WireFault';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`The server misbehaves on purpose (${fault.kind})`);
    this.fault = fault;
  }
}
