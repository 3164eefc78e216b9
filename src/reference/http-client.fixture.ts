import { readdirSync, readlinkSync } from 'node:fs';
import type { JsonObject } from '../core/index.js';
import { defaultKnobs, type ReferenceKnobs } from './knobs/knobs.js';
import { serveReference, type ReferenceServing } from './serve-reference.js';

/** An answer over HTTP, as read by nothing of ours. */
export interface RawAnswer {
  status: number;
  type: string | null;
  text: string;
}

/** A reference server in this process, over HTTP without session ids unless the knobs say otherwise. */
export async function serveHere(knobs: Partial<ReferenceKnobs> = {}) {
  const serving: ReferenceServing = await serveReference({ ...defaultKnobs, sessions: false, ...knobs });
  let nextId = 0;
  const request = async (
    method: string,
    params: JsonObject = {},
    options: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<RawAnswer & { headers: Headers }> => {
    const answer = await fetch(serving.url!, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...options.headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++nextId, method, params }),
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      text: await answer.text(),
      headers: answer.headers,
    };
  };
  return {
    serving,
    truth: serving.truth,
    request,
    call: (name = 'get_inventory', args: JsonObject = { item_id: 'ITEM001' }, signal?: AbortSignal) =>
      request('tools/call', { name, arguments: args }, signal === undefined ? {} : { signal }),
    initialize: () =>
      request('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      }),
    url: (path: string) => new URL(path, serving.url),
    close: () => serving.close(),
  };
}

/** How often this process has `/dev/null` open, which is what a leaked file is; nothing else of ours comes and goes there. */
export const openSinks = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === '/dev/null';
    } catch {
      return false; // The descriptor that the listing itself used is closed by now.
    }
  }).length;
