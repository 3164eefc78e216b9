import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { classifyResponse } from './classify-response.js';
import { classifyMessage } from './json-rpc.js';

describe('classifying a message', () => {
  it.each<[string, JsonObject, object]>([
    ['a request', { id: 1, method: 'ping' }, { kind: 'request', id: 1, method: 'ping', params: {} }],
    ['a text id', { id: 'a', method: 'x', params: { y: 1 } }, { kind: 'request', id: 'a', params: { y: 1 } }],
    ['a notification', { method: 'notifications/x' }, { kind: 'notification', method: 'notifications/x' }],
    ['a result', { id: 7, result: { a: 1 } }, { kind: 'result', id: 7, result: { a: 1 } }],
    [
      'an error',
      { id: 7, error: { code: -1, message: 'no' } },
      { kind: 'error', id: 7, error: { code: -1 } },
    ],
    ['an error for nobody', { id: null, error: { code: -1, message: 'no' } }, { kind: 'error', id: null }],
    ['an error without an id', { error: { code: -1, message: 'no' } }, { kind: 'error', id: null }],
    ['an error without words', { id: 1, error: {} }, { kind: 'error', error: { message: 'no message' } }],
  ])('knows %s', (_, message, expected) => {
    expect(classifyMessage({ jsonrpc: '2.0', ...message })).toMatchObject(expected);
  });

  it.each<[unknown, string]>([
    [null, 'not a JSON object'],
    [[{ jsonrpc: '2.0', method: 'x' }], 'not a JSON object'],
    [{ id: 1, method: 'ping' }, 'no "jsonrpc": "2.0"'],
    [{ jsonrpc: '2.0', method: 3 }, '"method" is no string'],
    [{ jsonrpc: '2.0', method: 'x', params: [1] }, '"params" is no object'],
    [{ jsonrpc: '2.0', id: null, method: 'x' }, '"id" is neither a string nor a whole number'],
    [{ jsonrpc: '2.0', id: 1.5, method: 'x' }, '"id" is neither a string nor a whole number'],
    [{ jsonrpc: '2.0', id: null, result: {} }, 'a result without a valid "id"'],
    [{ jsonrpc: '2.0', id: 1, result: [] }, '"result" is no object'],
    [{ jsonrpc: '2.0', id: 1 }, 'neither a request nor a response'],
  ])('refuses %j', (message, reason) => {
    expect(classifyMessage(message)).toEqual({ kind: 'invalid', reason });
  });

  it('does not depend on the order of keys', () => {
    const message = { jsonrpc: '2.0', id: 5, result: { content: [] } };
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.keys(message), { minLength: 3 }), (keys) => {
        const shuffled = Object.fromEntries(keys.map((key) => [key, message[key as keyof typeof message]]));
        expect(classifyMessage(shuffled)).toEqual({ kind: 'result', id: 5, result: { content: [] } });
      }),
    );
  });

  it('never throws, and never differs from the load path about what answers a request', () => {
    const member = fc.oneof(
      fc.jsonValue(),
      fc.constant('2.0'),
      fc.integer({ min: 0, max: 3 }),
      fc.record({ code: fc.integer(), message: fc.string() }),
    );
    const keys = fc.constantFrom('jsonrpc', 'id', 'method', 'params', 'result', 'error', 'x');
    const value = fc.oneof(fc.jsonValue(), fc.dictionary(keys, member));
    fc.assert(
      fc.property(value, (message) => {
        const { kind } = classifyMessage(message);
        const outcome = classifyResponse(message, 1);
        if (outcome === 'ok' || outcome === 'tool')
          expect(['result', 'request', 'notification', 'invalid']).toContain(kind);
        if (kind === 'result') expect(['ok', 'tool', 'mismatch']).toContain(outcome);
        if (kind === 'error') expect(['rpc', 'mismatch']).toContain(outcome);
      }),
      { numRuns: 500 },
    );
  });
});
