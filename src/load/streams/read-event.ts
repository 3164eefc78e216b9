import { isJsonObject, type JsonObject } from '../../core/json.js';
import { metaKeys } from '../../protocol/message/request-meta.js';

/** `_meta` of a notification by which a server says when it sent it: ms since 1970, with fractions. */
export const sentAtKey = 'dyno/sentAtMs';

/** `_meta` of a notification by which a server numbers what it sends on a stream; each is one above the last. */
export const sequenceKey = 'dyno/sequence';

/** What a message on a stream is to us. */
export type ReadEvent =
  | {
      kind: 'event';
      /** The same for the same event on every stream. */
      key: string;
      method: string;
      /** Set for requests, which want an answer. */
      id: string | number | undefined;
      sentAtMs: number | undefined;
      sequence: number | undefined;
    }
  /** `notifications/subscriptions/acknowledged`: the first message of a stream in the stateless era. */
  | { kind: 'acknowledged' }
  /** The answer to the request that opened the stream. */
  | { kind: 'answer'; error: string | undefined }
  | { kind: 'malformed' };

/** Reads one event's data. The last one is remembered, as servers send the same text to all streams. */
export class EventReader {
  #text = '';
  #read: ReadEvent = { kind: 'malformed' };

  read(text: string): ReadEvent {
    if (text === this.#text) return this.#read;
    this.#read = readEvent(text);
    this.#text = text;
    return this.#read;
  }
}

/** Reads the data of one server-sent event of MCP. */
export function readEvent(text: string): ReadEvent {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { kind: 'malformed' };
  }
  if (!isJsonObject(message)) return { kind: 'malformed' };
  const { method, id, params, error } = message;
  if (typeof method !== 'string') {
    if (isJsonObject(error)) return { kind: 'answer', error: `JSON-RPC error ${String(error['code'])}` };
    return isJsonObject(message['result']) ? { kind: 'answer', error: undefined } : { kind: 'malformed' };
  }
  if (method === 'notifications/subscriptions/acknowledged') return { kind: 'acknowledged' };
  const meta = isJsonObject(params) && isJsonObject(params['_meta']) ? params['_meta'] : {};
  const sequence = numberIn(meta, sequenceKey);
  return {
    kind: 'event',
    key: sequence === undefined ? keyOf(method, params, meta) : `${method} ${sequence}`,
    method,
    id: typeof id === 'string' || typeof id === 'number' ? id : undefined,
    sentAtMs: numberIn(meta, sentAtKey),
    sequence,
  };
}

function numberIn(meta: JsonObject, key: string): number | undefined {
  const value = meta[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Streams of the stateless era carry their own subscription's id in each message. */
function keyOf(method: string, params: unknown, meta: JsonObject): string {
  if (!isJsonObject(params)) return method;
  const { [metaKeys.subscriptionId]: own, ...rest } = meta;
  const same = own === undefined ? params : { ...params, _meta: rest };
  return `${method} ${JSON.stringify(same)}`;
}
