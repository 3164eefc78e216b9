import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import { compileArgumentsCheck } from './arguments-check.js';
import { unknownClient } from './client-facts.js';
import { ServerCall } from './call.js';
import { HttpSession, HttpSessions } from './http/http-sessions.js';
import { originCheck } from './http/origin-check.js';
import { EventLog, SseStream } from './http/sse-stream.js';
import { isSealed, openAnswers, sealAnswers } from './input-required.js';
import { McpServer } from './mcp-server.js';
import { page } from './paging.js';
import { Peer } from './peer.js';
import { compileTemplate } from './uri-template.js';

const server = new McpServer({ name: 's', version: '1' });

describe('the arguments check', () => {
  const check = compileArgumentsCheck({
    type: 'object',
    properties: {
      name: { type: 'string' },
      count: { type: ['integer', 'null'] },
      unit: { enum: ['kg', 'g'] },
      any: {},
      odd: { type: 'no-such-type' },
    },
    required: ['name'],
  });

  it.each<[JsonObject, string | undefined]>([
    [{ name: 'a' }, undefined],
    [{ name: 'a', count: null, unit: 'g', any: [], odd: 3, other: true }, undefined],
    [{}, "argument 'name' is missing"],
    [{ name: 3 }, "argument 'name' must be string"],
    [{ name: 'a', count: 1.5 }, "argument 'count' must be integer or null"],
    [{ name: 'a', unit: 'lb' }, 'argument \'unit\' must be one of ["kg","g"]'],
  ])('%j: %s', (args, wrong) => {
    expect(check(args)).toBe(wrong);
  });
});

describe('URI templates', () => {
  it('match what they expand to', () => {
    const segment = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(segment, segment, (id, part) => {
        const match = compileTemplate('memo://{id}/of.the/{part}');
        const uri = `memo://${encodeURIComponent(id)}/of.the/${encodeURIComponent(part)}`;
        expect(match(uri)).toEqual({ id, part });
      }),
    );
  });

  it('keep to their segment unless told otherwise', () => {
    expect(compileTemplate('file:///{name}')('file:///a/b')).toBeUndefined();
    expect(compileTemplate('file:///{+name}')('file:///a/b')).toEqual({ name: 'a/b' });
    expect(compileTemplate('a.b')('axb')).toBeUndefined();
    expect(compileTemplate('x:{a}')('x:%zz')).toEqual({ a: '%zz' });
  });
});

describe('paging', () => {
  const listOf = (names: string[]) => new Map(names.map((name) => [name, { listed: { name } }]));
  const ask = (size: number, items: ReadonlyMap<string, { listed: object }>, cursor?: string) => {
    const paged = new McpServer({ name: 's', version: '1', pageSize: size });
    const facts = unknownClient('2025-11-25');
    const request = { id: 1, method: 'tools/list', params: cursor === undefined ? {} : { cursor } };
    const sink = { send: () => true, closeStream: () => undefined };
    return page(paged, new ServerCall(new Peer(paged, facts), facts, request, sink), 'tools', items) as {
      tools: { name: string }[];
      nextCursor?: string;
    };
  };

  it('gives every item once, whatever the size of a page', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 7 }), (names, size) => {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const { tools, nextCursor } = ask(size, listOf(names), cursor);
          expect(tools.length).toBeLessThanOrEqual(size);
          seen.push(...tools.map((tool) => tool.name));
          cursor = nextCursor;
        } while (cursor !== undefined);
        expect(seen).toEqual(names);
      }),
    );
  });

  it('neither repeats nor skips when items come and go between pages', () => {
    const { nextCursor } = ask(2, listOf(['a', 'b', 'c', 'd']));
    expect(ask(2, listOf(['a0', 'a', 'b', 'c', 'd']), nextCursor).tools).toEqual([
      { name: 'c' },
      { name: 'd' },
    ]);
    expect(ask(2, listOf(['a', 'c', 'd']), nextCursor).tools).toEqual([{ name: 'd' }]);
  });

  it.each(['', 'x', 'MTI', '%'])('refuses the cursor %j', (cursor) => {
    expect(() => ask(2, listOf(['a', 'b', 'c']), cursor)).toThrow('unknown cursor');
  });
});

describe('sealed answers', () => {
  it('come back for the call they were made for, and for no other', () => {
    const answers = { 'input-1': { action: 'accept' } };
    const sealed = sealAnswers(answers, 'tools/call\0a');
    expect(isSealed(sealed)).toBe(true);
    expect(openAnswers(sealed, 'tools/call\0a')).toEqual(answers);
    expect(() => openAnswers(sealed, 'tools/call\0b')).toThrow('not issued for this request');
    const [head, payload = '', signature] = sealed.split('.');
    for (const tampered of [`${head}.${payload}x.${signature}`, `${head}.${payload}.`, `${head}.`]) {
      expect(() => openAnswers(tampered, 'tools/call\0a')).toThrow('not issued for this request');
    }
  });
});

describe('the origin check', () => {
  const check = originCheck('127.0.0.1', undefined);

  it.each([
    [{ host: '127.0.0.1:3000' }, undefined],
    [{ host: 'localhost' }, undefined],
    [{ host: '[::1]:80', origin: 'http://localhost:5173' }, undefined],
    [{ host: 'evil.example' }, "the Host 'evil.example' is not allowed"],
    [{ host: 'localhost', origin: 'http://evil.example' }, "the Origin 'http://evil.example' is not allowed"],
    [{ host: 'localhost', origin: 'null' }, "the Origin 'null' is not allowed"],
    [{ host: 'localhost:x y' }, "the Host 'localhost:x y' is not allowed"],
    [{}, 'the Host header is missing'],
  ])('%j: %s', (headers, wrong) => {
    expect(check(headers)).toBe(wrong);
  });

  it('lets everything through where a server is open to the network, unless told otherwise', () => {
    expect(originCheck('0.0.0.0', undefined)({ host: 'any', origin: 'http://any' })).toBeUndefined();
    expect(originCheck('0.0.0.0', ['mcp.example'])({ host: 'any' })).toContain('not allowed');
  });
});

describe('sessions', () => {
  const session = () => new HttpSession(server, 0, undefined);

  it('expire when unused, not while used', async () => {
    const clock = new FakeClock();
    const sessions = new HttpSessions(10, 1000, clock);
    const [idle, used] = [session(), session()];
    sessions.add(idle);
    sessions.add(used);
    for (let i = 0; i < 4; i++) {
      await clock.advance(400);
      expect(sessions.use(used.id)).toBe(used);
    }
    expect(sessions.use(idle.id)).toBeUndefined();
    expect(sessions.size).toBe(1);
    await clock.advance(3000);
    expect(sessions.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('are limited, and expired ones make room', async () => {
    const clock = new FakeClock();
    const sessions = new HttpSessions(1, 1000, clock);
    expect(sessions.add(session())).toBe(true);
    expect(sessions.add(session())).toBe(false);
    await clock.advance(1600);
    expect(sessions.add(session())).toBe(true);
    sessions.close();
    expect(clock.pending).toBe(0);
  });
});

describe('the event log', () => {
  it('gives each stream what it missed, as long as it is kept', () => {
    const log = new EventLog(100, undefined);
    const [one, two] = [new SseStream(log), new SseStream(log)];
    for (let i = 1; i <= 4; i++) {
      one.send({ n: i });
      two.send({ m: i });
    }
    const missed = log.after('3');
    expect(missed?.stream).toBe(one);
    expect(missed?.texts.map((text) => /"n":(\d)/.exec(text)?.[1])).toEqual(['3', '4']);
    expect(log.after('99')).toBeUndefined();
    expect(log.after('x')).toBeUndefined();
  });

  it('forgets the oldest', () => {
    const log = new EventLog(10, undefined);
    const stream = new SseStream(log);
    for (let i = 1; i <= 1000; i++) stream.send({ i });
    expect(log.after('1')).toBeUndefined();
    expect(log.after('991')?.texts).toHaveLength(9);
  });
});
