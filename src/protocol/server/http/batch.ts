import type { JsonObject } from '../../../core/json.js';
import { classifyMessage } from '../../message/json-rpc.js';
import { errorAnswer } from '../answer.js';
import type { CallSink } from '../call.js';
import type { ClientFacts } from '../client-facts.js';
import type { Peer } from '../peer.js';
import { rpcCodes, RpcError } from '../rpc-error.js';

const maxBatch = 100;
const silent: CallSink = { send: () => false, closeStream: () => undefined };

/** Answers a JSON-RPC batch (2025-03-26 only), in any order of its requests, without a stream. @internal */
export async function answerBatch(peer: Peer, body: unknown[], facts: ClientFacts): Promise<JsonObject[]> {
  if (body.length === 0 || body.length > maxBatch) {
    const text = `Invalid Request: a batch holds 1 to ${maxBatch} messages`;
    return [errorAnswer(null, new RpcError(rpcCodes.invalidRequest, text)).message];
  }
  const answers = await Promise.all(
    body.map((element) => {
      const message = classifyMessage(element);
      switch (message.kind) {
        case 'request':
          return message.method === 'initialize'
            ? errorAnswer(
                message.id,
                new RpcError(rpcCodes.invalidRequest, 'initialize cannot be in a batch'),
              )
            : peer.answer(message, silent, peer.sessionId === undefined ? facts : peer.facts);
        case 'notification':
          peer.heard(message.method, message.params);
          return undefined;
        case 'invalid':
          return errorAnswer(
            null,
            new RpcError(rpcCodes.invalidRequest, `Invalid Request: ${message.reason}`),
          );
        default:
          peer.answered(message);
          return undefined;
      }
    }),
  );
  return answers.filter((answer) => answer !== undefined).map((answer) => answer.message);
}
