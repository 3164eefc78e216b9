import { sleep, type JsonObject } from '../core/index.js';
import type { ScriptedReply } from '../plan/config/index.js';
import { RpcError, type RequestHandler } from '../protocol/index.js';

/** What a client must say it can, for a server to ask for it. */
const capabilityOf: Record<string, string> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
};

/** How the requests of a server are answered by the config's `serverRequests`. */
export interface ScriptedClient {
  capabilities: JsonObject;
  onRequest: RequestHandler;
  /** The same for load threads, each of which takes the replies in turn for itself. */
  answers: Record<string, ScriptedReply[]>;
}

/** Answers the server's requests in turn as scripted; a method without a script is refused with -32601. */
export function scriptedClient(
  scripts: ReadonlyMap<string, readonly ScriptedReply[]>,
): ScriptedClient | undefined {
  if (scripts.size === 0) return undefined;
  const turns = new Map<string, number>();
  const capabilities: JsonObject = {};
  for (const method of scripts.keys()) {
    const capability = capabilityOf[method];
    if (capability !== undefined) capabilities[capability] = {};
  }
  return {
    capabilities,
    answers: Object.fromEntries([...scripts].map(([method, replies]) => [method, [...replies]])),
    async onRequest(method, _params, { signal }) {
      const replies = scripts.get(method);
      if (!replies) throw new RpcError(-32601, `dyno has no script for ${method}`);
      const turn = turns.get(method) ?? 0;
      turns.set(method, turn + 1);
      const reply = replies[Math.min(turn, replies.length - 1)]!;
      if (reply.delayMs > 0) await sleep(reply.delayMs, undefined, signal);
      if ('error' in reply) throw new RpcError(reply.error.code, reply.error.message);
      return reply.result;
    },
  };
}
