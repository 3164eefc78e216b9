import type { JsonObject } from '../../core/json.js';
import { classifyMessage } from '../message/json-rpc.js';
import { metaOf } from '../message/request-meta.js';
import type { Era } from '../types.js';
import { errorAnswer, type Answer } from './answer.js';
import type { CallSink, IncomingRequest } from './call.js';
import {
  claimsStateless,
  sessionVersions,
  statelessFacts,
  unknownClient,
  unsupportedVersion,
} from './client-facts.js';
import type { McpServer } from './mcp-server.js';
import { Peer } from './peer.js';
import { rpcCodes, RpcError } from './rpc-error.js';

/**
 * One client on a two-way channel (stdio, in process, legacy HTTP+SSE). The first message decides the era, as in the
 * official SDK: `server/discover` alone decides nothing, any other request with the stateless `_meta` pins that era,
 * anything else the session era.
 *
 * @internal
 */
export class Duplex {
  readonly #peer: Peer;
  readonly #write: (message: JsonObject) => void;
  readonly #writeText: ((text: string) => void) | undefined;
  readonly #sink: CallSink;
  readonly #eras: 'both' | Era;
  #pinned: Era | undefined;

  /** @param writeText writes what is no message, for servers that misbehave on purpose. */
  constructor(
    server: McpServer,
    write: (message: JsonObject) => void,
    eras: 'both' | Era = 'both',
    writeText?: (text: string) => void,
  ) {
    this.#write = write;
    this.#writeText = writeText;
    this.#eras = eras;
    const push = (message: JsonObject) => {
      write(message);
    };
    this.#peer = new Peer(server, unknownClient(sessionVersions.at(-1)!), { push });
    this.#sink = {
      send: (message) => {
        write(message);
        return true;
      },
      closeStream: () => undefined,
    };
  }

  /** Takes one parsed message of the client. */
  receive(value: unknown): void {
    const message = classifyMessage(value);
    switch (message.kind) {
      case 'request':
        this.#request(message);
        break;
      case 'notification':
        this.#peer.heard(message.method, message.params);
        break;
      case 'invalid':
        this.refuse(rpcCodes.invalidRequest, `Invalid Request: ${message.reason}`);
        break;
      default:
        this.#peer.answered(message);
    }
  }

  /** Answers what could not be read as a request. */
  refuse(code: number, message: string): void {
    this.#write(errorAnswer(null, new RpcError(code, message)).message);
  }

  /** The client is gone, or the server ends. */
  end(reason: string): void {
    this.#peer.end(reason);
  }

  #request(request: IncomingRequest): void {
    let answer: Answer | Promise<Answer | undefined>;
    try {
      answer =
        this.#eraOf(request) === 'session'
          ? this.#peer.answer(request, this.#sink)
          : this.#peer.answer(request, this.#sink, statelessFacts(metaOf(request.params)));
    } catch (error) {
      answer = errorAnswer(request.id, error);
    }
    if (!(answer instanceof Promise)) this.#send(answer);
    else {
      void answer.then((late) => {
        if (late !== undefined) this.#send(late);
      });
    }
  }

  #send({ message, fault }: Answer): void {
    if (fault === undefined || fault.kind === 'id') this.#write(message);
    else if (fault.kind === 'text') this.#writeText?.(fault.text);
  }

  #eraOf(request: IncomingRequest): Era {
    if (this.#pinned === 'session') return 'session';
    const claims = claimsStateless(metaOf(request.params)) && this.#eras !== 'session';
    if (!claims) {
      if (this.#pinned === 'stateless' && request.method !== 'initialize') return 'stateless';
      if (this.#pinned === 'stateless' || this.#eras === 'stateless') {
        const { protocolVersion } = request.params;
        throw unsupportedVersion(typeof protocolVersion === 'string' ? protocolVersion : undefined);
      }
      this.#pinned = 'session';
      return 'session';
    }
    statelessFacts(metaOf(request.params));
    if (request.method !== 'server/discover') this.#pinned = 'stateless';
    return 'stateless';
  }
}
