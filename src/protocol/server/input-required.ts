import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { rpcCodes, RpcError } from './rpc-error.js';

/** Thrown out of a handler that asked for input the client has not given yet (stateless era). @internal */
export class InputNeeded extends Error {
  override readonly name = 'InputNeeded';
  constructor() {
    super('the client is asked for input and calls again');
  }
}

const prefix = 'dyno1.';
let key: Buffer | undefined;

/**
 * The `requestState` that carries the answers of earlier rounds through the client: readable by it, signed with a key of
 * this process, and bound to one purpose (method and name), so that it cannot be made up or moved to another call.
 *
 * @internal
 */
export function sealAnswers(answers: JsonObject, purpose: string): string {
  const payload = Buffer.from(JSON.stringify(answers)).toString('base64url');
  return `${prefix}${payload}.${sign(payload, purpose)}`;
}

/** Whether a `requestState` was made by {@link sealAnswers}. @internal */
export function isSealed(state: string): boolean {
  return state.startsWith(prefix);
}

/** The answers of earlier rounds. @throws RpcError (-32602) where the state was not made here for this purpose. */
export function openAnswers(state: string, purpose: string): JsonObject {
  const [payload = '', signature = ''] = state.slice(prefix.length).split('.');
  const expected = Buffer.from(sign(payload, purpose));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new RpcError(
      rpcCodes.invalidParams,
      'Invalid params: requestState was not issued for this request',
    );
  }
  const answers: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return isJsonObject(answers) ? answers : {};
}

function sign(payload: string, purpose: string): string {
  key ??= randomBytes(32);
  return createHmac('sha256', key).update(`${purpose}\0${payload}`).digest('base64url');
}
