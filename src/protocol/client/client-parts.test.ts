import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import type { WireDiagnostics } from '../types.js';
import { WireError } from '../wire-error.js';
import type { Exchange } from './exchange.js';
import { IncomingRequests } from './incoming.js';
import { defaultLimits } from './limits.js';
import type { Link, LinkEvents } from './link.js';
import { listAll, usableTools } from './lists.js';
import { Requests } from './requests.js';
import { forgetVerdicts, keepVerdict, recallVerdict } from './verdicts.js';

class FakeLink implements Link {
  readonly kind = 'stdio';
  readonly sessionId = undefined;
  dropCancels = false;
  events!: LinkEvents;
  readonly sent: Exchange[] = [];
  readonly posted: JsonObject[] = [];
  open = () => Promise.resolve();
  agree = () => undefined;
  listen = () => Promise.resolve();
  close = () => Promise.resolve();
  send(exchange: Exchange): Promise<void> {
    this.sent.push(exchange);
    return Promise.resolve();
  }
  post(message: JsonObject): Promise<void> {
    this.posted.push(message);
    return Promise.resolve();
  }
}

function setUp(handler?: ConstructorParameters<typeof IncomingRequests>[0]) {
  const link = new FakeLink();
  const clock = new FakeClock();
  const gone: WireError[] = [];
  const incoming = new IncomingRequests(handler, (message) => link.post(message));
  const requests = new Requests({
    link,
    clock,
    limits: { ...defaultLimits, maxNoise: 3 },
    incoming,
    onNotification: undefined,
    onGone: (error) => gone.push(error),
  });
  const call = (timeoutMs = 1000, signal?: AbortSignal) =>
    requests.call({ method: 'tools/call', params: {} }, { timeoutMs, signal });
  const answer = (id: unknown, members: JsonObject = { result: {} }) => {
    link.events.message({ jsonrpc: '2.0', id, ...members });
  };
  return { link, clock, gone, requests, call, answer };
}

describe('requests', () => {
  it('are answered by id, in any order', async () => {
    const { call, answer } = setUp();
    const calls = [call(), call(), call()];
    for (const id of [3, 1, 2]) answer(id, { result: { id } });
    expect(await Promise.all(calls)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  it('end at their time limit, tell the server, and leave no timer', async () => {
    const { call, clock, link, answer } = setUp();
    const late = call(250);
    late.catch(() => undefined);
    const inTime = call(250);
    answer(2);
    await inTime;
    await clock.advance(249);
    expect(link.posted).toEqual([]);
    await clock.advance(1);
    await expect(late).rejects.toMatchObject({ outcome: 'timeout' });
    expect(link.posted).toMatchObject([{ method: 'notifications/cancelled', params: { requestId: 1 } }]);
    expect(clock.pending).toBe(0);
    answer(1);
    expect(clock.pending).toBe(0);
  });

  it('last as long as they like without a limit', async () => {
    const { call, clock, answer } = setUp();
    const endless = call(Infinity);
    const long = call(2 ** 31);
    await clock.advance(1e9);
    expect(clock.pending).toBe(0);
    answer(1, { result: { done: true } });
    answer(2, { result: { done: true } });
    expect(await Promise.all([endless, long])).toEqual([{ done: true }, { done: true }]);
  });

  it('are not cancelled by notification where dropping them says it', async () => {
    const { call, link } = setUp();
    link.dropCancels = true;
    const controller = new AbortController();
    const given = call(1000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    expect(link.sent[0]?.signal.aborted).toBe(true);
    expect(link.posted).toEqual([]);
  });

  it('do not take a late or second answer for a wrong one', async () => {
    const { call, answer, requests } = setUp();
    const first = call();
    answer(1);
    await first;
    const second = call();
    answer(1);
    answer(2, { result: { second: true } });
    expect(await second).toEqual({ second: true });
    expect(requests.diagnostics.strayAnswers).toBe(0);
  });

  it('notice an answer to nobody, and blame it on the only call there is', async () => {
    const { call, answer, requests } = setUp();
    const [one, two] = [call(), call()];
    answer('nobody');
    expect(requests.diagnostics.strayAnswers).toBe(1);
    answer(1);
    await one;
    answer(99);
    await expect(two).rejects.toMatchObject({ outcome: 'mismatch' });
  });

  it('all fail when the link goes, and so do later ones', async () => {
    const { call, link, gone } = setUp();
    const calls = [call(), call()];
    link.events.gone(new WireError('the server ended', { outcome: 'transport' }));
    for (const each of calls) await expect(each).rejects.toThrow('the server ended');
    await expect(call()).rejects.toThrow('the server ended');
    expect(gone).toHaveLength(1);
  });

  it('end when nothing but noise comes', async () => {
    const { call, link } = setUp();
    const waiting = call();
    for (let i = 0; i < 4; i++) link.events.noise(`log line ${i}`);
    await expect(waiting).rejects.toMatchObject({ outcome: 'parse' });
    await expect(waiting).rejects.toThrow("'log line 0'");
  });
});

describe('requests of the server', () => {
  const ask = (link: FakeLink, method: string, id: unknown = 's1') => {
    link.events.message({ jsonrpc: '2.0', id, method });
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('are answered by the handler, pings without one', async () => {
    const { link } = setUp((method) => Promise.resolve({ said: method }));
    ask(link, 'roots/list');
    ask(link, 'ping', 's2');
    await settled();
    expect(link.posted).toHaveLength(2);
    expect(link.posted).toContainEqual({ jsonrpc: '2.0', id: 's2', result: {} });
    expect(link.posted).toContainEqual({ jsonrpc: '2.0', id: 's1', result: { said: 'roots/list' } });
  });

  it('are refused where there is no handler, and where it fails', async () => {
    const bare = setUp();
    ask(bare.link, 'sampling/createMessage');
    const failing = setUp(() => Promise.reject(Object.assign(new Error('the user said no'), { code: -1 })));
    ask(failing.link, 'sampling/createMessage');
    await settled();
    expect(bare.link.posted).toMatchObject([{ id: 's1', error: { code: -32601 } }]);
    expect(failing.link.posted).toMatchObject([{ error: { code: -1, message: 'the user said no' } }]);
  });

  it('are not answered once cancelled', async () => {
    let seen: AbortSignal | undefined;
    const { link } = setUp(
      (_, __, { signal }) =>
        new Promise((resolve) => {
          seen = signal;
          signal.addEventListener('abort', () => {
            resolve({});
          });
        }),
    );
    ask(link, 'sampling/createMessage');
    link.events.message({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 's1' } });
    await settled();
    expect(seen?.aborted).toBe(true);
    expect(link.posted).toEqual([]);
  });
});

describe('listing', () => {
  const pages = (cursors: (string | undefined)[]) => {
    let page = 0;
    return () =>
      Promise.resolve({
        tools: [{ name: `t${page}` }],
        ...(cursors[page] !== undefined && { nextCursor: cursors[page] }),
        page: page++,
      } as JsonObject);
  };
  const limits = { ...defaultLimits, maxPages: 5, maxItems: 3 };

  it('takes cursors as they are, an empty one too', async () => {
    expect(await listAll(pages(['', '🙈', undefined]), 'tools/list', 'tools', limits)).toHaveLength(3);
  });

  it.each([
    [['a', 'b', 'a'], 'came twice'],
    [['a', 'b', 'c', 'd', 'e', 'f'], 'more than 3 items'],
  ])('ends at %j', async (cursors, words) => {
    await expect(listAll(pages(cursors), 'tools/list', 'tools', limits)).rejects.toThrow(words);
  });

  it('ends after so many pages, and without the list', async () => {
    const empty = (() => {
      let n = 0;
      return () => Promise.resolve({ tools: [], nextCursor: String(n++) } as JsonObject);
    })();
    await expect(listAll(empty, 'tools/list', 'tools', limits)).rejects.toThrow('more than 5 pages');
    const nothing = () => Promise.resolve({} as JsonObject);
    await expect(listAll(nothing, 'tools/list', 'tools', limits)).rejects.toThrow("without 'tools'");
  });

  it('keeps usable tools as they are and names the others', () => {
    const diagnostics: WireDiagnostics = { noise: 0, strayAnswers: 0, reopened: 0, droppedTools: [] };
    const marked = { name: 'm', inputSchema: { properties: { a: { type: 'number', 'x-mcp-header': 'A' } } } };
    const items = [{ name: 'a', inputSchema: {}, _meta: { x: 1 } }, { name: 'a' }, { name: 'b' }, marked];
    const tools = usableTools(items, true, diagnostics);
    expect(tools).toEqual([
      { name: 'a', inputSchema: {}, _meta: { x: 1 } },
      { name: 'b', inputSchema: { type: 'object' } },
    ]);
    expect(diagnostics.droppedTools.map((tool) => tool.name)).toEqual(['a', 'm']);
    expect(usableTools(items, false, diagnostics)).toHaveLength(3);
  });

  it('takes members of a wrong type for absent', () => {
    const diagnostics: WireDiagnostics = { noise: 0, strayAnswers: 0, reopened: 0, droppedTools: [] };
    const odd = { name: 'a', title: 5, description: null, outputSchema: 'x', annotations: null, _meta: {} };
    const [tool] = usableTools([odd], false, diagnostics);
    expect(tool).toEqual({ name: 'a', inputSchema: { type: 'object' }, _meta: {} });
    expect(diagnostics.droppedTools).toEqual([]);
  });
});

describe('verdicts', () => {
  it('are kept per origin, and not without end', () => {
    forgetVerdicts();
    keepVerdict('http://a', 'sse');
    keepVerdict('http://b', 'session');
    expect(recallVerdict('http://a')).toBe('sse');
    forgetVerdicts('http://b');
    expect(recallVerdict('http://b')).toBeUndefined();
    for (let i = 0; i < 1000; i++) keepVerdict(`http://host-${i}`, 'session');
    expect(recallVerdict('http://a')).toBeUndefined();
    expect(recallVerdict('http://host-999')).toBe('session');
    forgetVerdicts();
  });
});
