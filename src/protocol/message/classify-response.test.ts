import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../core/outcome.js';
import {
  classifyHttpAnswer,
  classifyResponse,
  classifyStatus,
  describeResponse,
  plain,
} from './classify-response.js';

const answer = (members: object) => ({ jsonrpc: '2.0', id: 4, ...members });

describe('classifying a response', () => {
  it.each<[unknown, Outcome]>([
    [answer({ result: {} }), 'ok'],
    [answer({ result: { resultType: 'complete' } }), 'ok'],
    [answer({ result: { isError: false } }), 'ok'],
    [answer({ result: { isError: true } }), 'tool'],
    [answer({ result: { resultType: 'input_required' } }), 'mismatch'],
    [answer({ result: { resultType: 'task' } }), 'mismatch'],
    [answer({ id: '4', result: {} }), 'mismatch'],
    [answer({ id: 5, result: {} }), 'mismatch'],
    [answer({ id: null, result: {} }), 'mismatch'],
    [answer({ error: { code: -32601, message: 'no' } }), 'rpc'],
    [answer({ id: null, error: { code: -32700, message: 'no' } }), 'rpc'],
    [answer({ id: 5, error: { code: -32601, message: 'no' } }), 'mismatch'],
    [answer({ result: [] }), 'parse'],
    [answer({}), 'parse'],
    [answer({ error: 'broken' }), 'parse'],
    [{ id: 4, result: {} }, 'parse'],
    ['text', 'parse'],
    [null, 'parse'],
    [undefined, 'parse'],
  ])('%j is %s', (message, outcome) => {
    expect(classifyResponse(message, 4)).toBe(outcome);
  });

  it.each([
    [200, false, 'ok'],
    [202, false, 'ok'],
    [429, false, 'throttled'],
    [503, true, 'throttled'],
    [503, false, 'http'],
    [500, true, 'http'],
    [404, false, 'http'],
    [301, false, 'http'],
  ] as const)('status %i (Retry-After: %s) is %s', (status, retryAfter, outcome) => {
    expect(classifyStatus(status, retryAfter)).toBe(outcome);
  });

  it('takes a status with a protocol error for this request as that error', () => {
    const error = answer({ error: { code: -32601, message: 'no such method' } });
    expect(classifyHttpAnswer(404, false, error, 4)).toBe('rpc');
    expect(classifyHttpAnswer(404, false, { ...error, id: null }, 4)).toBe('http');
    expect(classifyHttpAnswer(429, false, error, 4)).toBe('throttled');
    expect(classifyHttpAnswer(500, false, undefined, 4)).toBe('http');
    expect(classifyHttpAnswer(200, false, answer({ result: {} }), 4)).toBe('ok');
  });

  it('describes what went wrong in the server’s own words', () => {
    expect(describeResponse(answer({ error: { code: -5, message: 'out of\npaper' } }), 4)).toBe(
      '-5 out of paper',
    );
    const failed = answer({ result: { isError: true, content: [{ type: 'text', text: 'no such item' }] } });
    expect(describeResponse(failed, 4)).toBe('no such item');
    expect(describeResponse(answer({ id: 9, result: {} }), 4)).toContain('request 9');
    expect(describeResponse(answer({ result: { resultType: 'task' } }), 4)).toContain("'task'");
    expect(describeResponse(7, 4)).toBe('the answer is no JSON-RPC message');
  });
});

describe('making hostile text plain', () => {
  it('leaves one line without control or formatting characters, of bounded length', () => {
    const nasty = fc.string({
      unit: fc.constantFrom('a', ' ', '\n', '\r', '\u001b', '\u0007', '\u202e', '\u2028', '\u0000', 'é'),
      maxLength: 2000,
    });
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 400 }), (text, limit) => {
        const line = plain(text, limit);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
        expect(line.length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('leaves plain text as it is', () => {
    expect(plain('The item “A” is gone – naïve, isn’t it?')).toBe('The item “A” is gone – naïve, isn’t it?');
  });
});
