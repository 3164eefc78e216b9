import type { JsonObject } from '../../core/json.js';
import type { RequestId } from '../types.js';
import { InputNeeded } from './input-required.js';
import { rpcCodes, RpcError } from './rpc-error.js';
import { WireFault, type Fault } from './wire-fault.js';

/** A JSON-RPC response, and the HTTP status it goes with. @internal */
export interface Answer {
  message: JsonObject;
  status: number;
  /** The transport does this instead. */
  fault?: Fault;
}

/** @internal */
export function resultAnswer(id: RequestId, result: object): Answer {
  return { message: { jsonrpc: '2.0', id, result: result as JsonObject }, status: 200 };
}

/** The error answer for anything that a handler or a gate threw. @internal */
export function errorAnswer(id: RequestId | null, thrown: unknown): Answer {
  if (thrown instanceof WireFault && id !== null) return faultAnswer(id, thrown.fault);
  const error =
    thrown instanceof RpcError
      ? thrown
      : new RpcError(rpcCodes.internal, thrown instanceof Error ? thrown.message : 'Internal error');
  return {
    message: {
      jsonrpc: '2.0',
      id,
      error: {
        code: error.code,
        message: error.message,
        ...(error.data !== undefined && { data: error.data }),
      },
    },
    status: error.status,
  };
}

/** What is sent where the fault's way of failing still has a message. */
function faultAnswer(id: RequestId, fault: Fault): Answer {
  const result = fault.kind === 'id' || fault.kind === 'close' ? fault.result : {};
  return { ...resultAnswer(fault.kind === 'id' ? fault.id : id, result), fault };
}

/** What a tool's failure looks like to the client: a result the model can read. @internal */
export function toolFailure(thrown: unknown): { content: [{ type: 'text'; text: string }]; isError: true } {
  if (thrown instanceof RpcError || thrown instanceof InputNeeded || thrown instanceof WireFault)
    throw thrown;
  return toolErrorResult(thrown instanceof Error ? thrown.message : String(thrown));
}

/** @internal */
export function toolErrorResult(text: string): { content: [{ type: 'text'; text: string }]; isError: true } {
  return { content: [{ type: 'text', text }], isError: true };
}
