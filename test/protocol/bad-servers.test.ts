import { afterAll, describe, expect, it } from 'vitest';
import { connect, WireError, type ConnectOptions, type McpConnection } from '../../src/protocol/index.js';
import type { Outcome } from '../../src/core/outcome.js';
import { badStdio, startBadHttp } from '../fixtures/bad-servers.js';
import { startStdio } from '../fixtures/real-servers.js';

const timeoutMs = 400;
const small = { maxBodyBytes: 1e6, maxLineBytes: 1e6 };
const session = { protocol: '2025-11-25' } as const;

/** What a call comes to, and the words it fails with. */
async function outcomeOf(call: Promise<unknown>): Promise<{ outcome: Outcome; message: string }> {
  try {
    await call;
    return { outcome: 'ok', message: '' };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { outcome: error.outcome, message: error.message };
  }
}

/** Text fit for a terminal: one line, no control characters. */
function expectPlain(message: string) {
  expect(message).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
  expect(message.length).toBeLessThan(700);
}

afterAll(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))).toEqual([]);
});

async function overHttp<T>(
  mode: string[],
  options: ConnectOptions,
  use: (connection: McpConnection) => Promise<T>,
): Promise<T> {
  const server = await startBadHttp(...(mode as [string, ...string[]]));
  try {
    const connection = await connect({ kind: 'http', url: server.url }, { ...session, ...options });
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  } finally {
    await server.stop();
  }
}

async function overStdio<T>(
  mode: string[],
  options: ConnectOptions,
  use: (connection: McpConnection) => Promise<T>,
): Promise<T> {
  const { command, args } = badStdio(...(mode as [string, ...string[]]));
  const program = startStdio(command, args);
  try {
    const connection = await connect({ kind: 'stdio', pipe: program.pipe }, { ...session, ...options });
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  } finally {
    await program.stop();
  }
}

const callOnce = (connection: McpConnection) =>
  outcomeOf(connection.callTool('echo', { message: 'x' }, { timeoutMs: 5000 }));
/** Only what is expected to take for ever is not waited for. */
const callExpecting = (outcome: Outcome) => (connection: McpConnection) =>
  outcome === 'timeout'
    ? outcomeOf(connection.callTool('echo', { message: 'x' }, { timeoutMs }))
    : callOnce(connection);

describe.concurrent('a bad HTTP server', () => {
  it.each<[string, Outcome, RegExp]>([
    ['honest', 'ok', /^$/],
    ['silent', 'timeout', /no answer to tools\/call within 400 ms/],
    ['garbage', 'parse', /no JSON/],
    ['not-rpc', 'parse', /no JSON-RPC/],
    ['empty', 'parse', /an empty body/],
    ['empty-untyped', 'parse', /an empty body/],
    ['untyped', 'ok', /^$/],
    ['html', 'parse', /no JSON \(text\/html\)/],
    ['not-http', 'parse', /not HTTP/],
    ['500', 'http', /HTTP 500/],
    ['429', 'throttled', /HTTP 429 \(retry after 1\)/],
    ['503', 'throttled', /HTTP 503/],
    ['401', 'http', /HTTP 401/],
    ['202', 'parse', /HTTP 202 and an empty body/],
    ['204', 'parse', /HTTP 204/],
    ['redirect', 'http', /HTTP 307/],
    ['half', 'timeout', /within 400 ms/],
    ['half-close', 'transport', /closed/],
    ['half-head', 'transport', /closed/],
    ['close', 'transport', /closed/],
    ['reset', 'transport', /reset/],
    ['huge-promise', 'parse', /larger|bytes/],
    ['endless', 'parse', /larger|bytes/],
    ['endless-head', 'parse', /head/],
    ['huge-head', 'parse', /head/],
    ['endless-trailer', 'parse', /head|trailer/],
    ['bad-chunk', 'parse', /chunk/],
    ['huge-chunk', 'parse', /chunk|bytes/],
    ['bad-length', 'parse', /length/],
    ['two-lengths', 'parse', /length/],
    ['negative-length', 'parse', /length/],
    ['wrong-id', 'mismatch', /nobody-sent-this-id/],
    ['string-id', 'mismatch', /the id "\d+", not \d+/],
    ['null-id', 'mismatch', /without a valid "id"/],
    ['duplicate-id', 'ok', /^$/],
    ['two-answers', 'ok', /^$/],
    ['batch', 'ok', /^$/],
    ['sse', 'ok', /^$/],
    ['sse-odd', 'ok', /^$/],
    ['sse-no-answer', 'transport', /ended before the answer/],
    ['sse-garbage', 'parse', /no JSON/],
    ['sse-half', 'transport', /closed/],
    ['sse-endless', 'timeout', /within 400 ms/],
    ['sse-endless-event', 'parse', /larger/],
    ['sse-stays-open', 'ok', /^$/],
    ['asks-back', 'ok', /^$/],
    ['deep', 'parse', /"result" is no object/],
    ['hostile-text', 'rpc', /verdict: PASS/],
    ['lost-session', 'http', /HTTP 404/],
    ['dies-after', 'transport', /closed/],
  ])('%s ends the call as %s', async (mode, outcome, words) => {
    const count = mode === 'lost-session' ? ['tools/call', '0'] : [];
    const seen = await overHttp([mode, ...count], { limits: small }, callExpecting(outcome));
    expect(seen.outcome).toBe(outcome);
    expect(seen.message).toMatch(words);
    expectPlain(seen.message);
  });

  it('is spoken to again after a bad answer', async () => {
    await overHttp(['garbage'], {}, async (connection) => {
      for (let i = 0; i < 3; i++) expect((await callOnce(connection)).outcome).toBe('parse');
      expect(await connection.listTools()).toHaveLength(2);
    });
  });

  it('that refuses connections is a connect failure', async () => {
    await overHttp(['refuses-after'], {}, async (connection) => {
      expect((await callOnce(connection)).outcome).toBe('ok');
      const seen = await callOnce(connection);
      expect(seen).toMatchObject({ outcome: 'connect' });
      expect(seen.message).toContain('connection refused');
    });
  });

  it('may answer with 50 MB', async () => {
    await overHttp(['huge'], {}, async (connection) => {
      const answer = await connection.callTool('echo', { message: 'x' });
      expect(answer.content[0]?.text).toHaveLength(50e6);
    });
  });

  it('with endless pages is left', async () => {
    await overHttp(['endless-pages', 'tools/list'], {}, async (connection) => {
      const seen = await outcomeOf(connection.listTools());
      expect(seen).toMatchObject({ outcome: 'mismatch' });
      expect(seen.message).toContain("the cursor 'next' came twice");
    });
  });

  it.each([
    ['garbage', 'parse'],
    ['silent', 'timeout'],
    ['500', 'http'],
    ['close', 'transport'],
    ['wrong-id', 'mismatch'],
    ['sse-endless', 'timeout'],
  ])('that is %s from the start cannot be connected to', async (mode, outcome) => {
    const patience = outcome === 'timeout' ? { timeoutMs } : {};
    for (const protocol of ['auto', '2025-11-25', '2026-07-28'] as const) {
      const attempt = overHttp([mode, '*'], { protocol, ...patience }, () => Promise.resolve());
      expect(await outcomeOf(attempt)).toMatchObject({ outcome });
    }
  });
});

describe.concurrent('a bad stdio server', () => {
  it.each<[string, Outcome, RegExp]>([
    ['honest', 'ok', /^$/],
    ['logs', 'ok', /^$/],
    ['silent', 'timeout', /no answer to tools\/call within 400 ms$/],
    ['garbage', 'parse', /text where only JSON-RPC belongs: 'this is \{not JSON'/],
    ['not-rpc', 'parse', /no JSON-RPC/],
    ['half-line', 'timeout', /within 400 ms/],
    ['half-line-exit', 'transport', /ended with code 3 in the middle of a line \('\{"jsonrpc"/],
    ['endless', 'parse', /a line is longer than 1000000 bytes/],
    ['flood', 'timeout', /within 400 ms/],
    ['wrong-id', 'mismatch', /nobody-sent-this-id/],
    ['string-id', 'mismatch', /the id "\d+"/],
    ['null-id', 'mismatch', /without a valid "id"/],
    ['duplicate-id', 'ok', /^$/],
    ['close', 'transport', /closed its output/],
    ['dies-after', 'transport', /ended with code 7/],
    ['killed-after', 'transport', /ended with signal SIGKILL/],
    ['crlf', 'ok', /^$/],
    ['batch', 'ok', /^$/],
    ['deep', 'parse', /"result" is no object/],
    ['prototype', 'ok', /^$/],
    ['stderr-flood', 'ok', /^$/],
    ['hostile-text', 'rpc', /verdict: PASS/],
    ['asks-back', 'ok', /^$/],
  ])('%s ends the call as %s', async (mode, outcome, words) => {
    const seen = await overStdio([mode], { limits: small }, callExpecting(outcome));
    expect(seen.outcome).toBe(outcome);
    expect(seen.message).toMatch(words);
    expectPlain(seen.message);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('may answer in a line of 50 MB', async () => {
    await overStdio(['huge-line'], {}, async (connection) => {
      const answer = await connection.callTool('echo', { message: 'x' });
      expect(answer.content[0]?.text).toHaveLength(50e6);
    });
  });

  it('that logs on stdout is named', async () => {
    await overStdio(['logs'], {}, async (connection) => {
      await connection.callTool('echo', { message: 'x' });
      expect(connection.diagnostics).toMatchObject({ firstNoise: 'Server starting on stdio…' });
      expect(connection.diagnostics.noise).toBeGreaterThanOrEqual(3);
    });
  });

  it('that prints nothing but noise is given up', async () => {
    const options = { limits: { maxNoise: 20 }, timeoutMs: 5000 };
    await overStdio(['garbage'], options, async (connection) => {
      const calls = Array.from({ length: 25 }, () =>
        outcomeOf(connection.callTool('echo', { message: 'x' })),
      );
      for (const { outcome } of await Promise.all(calls)) expect(outcome).toBe('parse');
      expect((await connection.closed).reason).toContain('20 lines that are no JSON-RPC');
    });
  });

  it('that reads nothing is not waited for longer than asked', async () => {
    const attempt = overStdio(['deaf'], { timeoutMs }, () => Promise.resolve());
    expect(await outcomeOf(attempt)).toMatchObject({ outcome: 'timeout' });
  });

  it.each<[string, Outcome, RegExp, ConnectOptions?]>([
    ['dies-at-once', 'transport', /ended with code 3/],
    ['dies-silently', 'transport', /ended with code 0/],
    ['silent', 'timeout', /no answer to initialize within 400 ms/],
    ['garbage', 'parse', /only JSON-RPC belongs/, { limits: { maxNoise: 0 } }],
    ['wrong-version', 'mismatch', /protocol version '1999-01-01'/],
    ['refuse', 'rpc', /not today/],
  ])('that %s from the start cannot be connected to', async (mode, outcome, words, options = {}) => {
    const patience = outcome === 'timeout' ? { timeoutMs } : {};
    const attempt = overStdio([mode, '*'], { ...patience, ...options }, () => Promise.resolve());
    const seen = await outcomeOf(attempt);
    expect(seen.outcome).toBe(outcome);
    expect(seen.message).toMatch(words);
  });

  it('with a bad catalogue gives what is usable of it', async () => {
    await overStdio(['bad-catalogue', 'tools/list'], {}, async (connection) => {
      expect((await connection.listTools()).map((tool) => tool.name)).toEqual(['a', 'c']);
      expect(connection.diagnostics.droppedTools).toEqual([
        { name: '(no name)', reason: 'it has no name' },
        { name: 'b', reason: 'its inputSchema is no object' },
        { name: '', reason: 'it has no name' },
      ]);
    });
  });
});
