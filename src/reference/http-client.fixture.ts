import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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

/** Open file descriptors of this process. */
export const openFiles = (): number => readdirSync('/proc/self/fd').length;

/** Resident memory of this process, after what was dropped has been collected and swept. */
export async function settledMemory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return process.memoryUsage.rss();
}
