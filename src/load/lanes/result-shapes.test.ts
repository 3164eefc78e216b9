import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { AnswerChecker, outcomeIndex } from './answer-checker.js';

const check = (method: string, result: JsonObject) => {
  const checker = new AnswerChecker([{ name: method, method, weight: 1, params: [] }]);
  const outcome = checker.check(JSON.stringify({ jsonrpc: '2.0', id: 5, result }), 5, 0);
  return outcome === outcomeIndex.ok ? 'ok' : outcome === outcomeIndex.mismatch ? checker.message : 'other';
};

describe('the shape of a result', () => {
  const user = { role: 'user', content: { type: 'text', text: 'hi' } };
  it.each<[string, JsonObject]>([
    ['ping', {}],
    ['tools/list', { tools: [{ name: 'a' }], nextCursor: 'x' }],
    ['resources/list', { resources: [] }],
    ['resources/templates/list', { resourceTemplates: [{ uriTemplate: 'a://{b}' }] }],
    [
      'resources/read',
      {
        contents: [
          { uri: 'a:', text: '' },
          { uri: 'b:', blob: '' },
        ],
      },
    ],
    ['resources/read', { contents: [] }],
    ['prompts/list', { prompts: [{ name: 'p' }] }],
    ['prompts/get', { messages: [user] }],
    ['completion/complete', { completion: { values: ['a'] } }],
    ['server/discover', { supportedVersions: ['2026-07-28'], capabilities: {} }],
  ])('of %s may be %j', (method, result) => {
    expect(check(method, result)).toBe('ok');
  });

  it.each<[string, JsonObject, string]>([
    ['tools/list', {}, "the result has no list 'tools'"],
    ['tools/list', { tools: [{}] }, "the result has tools without 'name'"],
    ['tools/list', { tools: [], nextCursor: 5 }, "the result has a 'nextCursor' that is no text"],
    ['resources/read', { content: [] }, "the result has no list 'contents'"],
    ['resources/read', { contents: [{ text: '' }] }, "the result has contents without 'uri'"],
    [
      'resources/read',
      { contents: [{ uri: 'a:' }] },
      "the result has contents with neither 'text' nor 'blob'",
    ],
    ['prompts/get', { messages: 'hi' }, "the result has no list 'messages'"],
    [
      'prompts/get',
      { messages: [{ ...user, role: 'system' }] },
      'the result has a message that is neither of the user nor of the assistant',
    ],
    [
      'prompts/get',
      { messages: [{ role: 'user', content: 'hi' }] },
      "the result has a message without 'content'",
    ],
    ['completion/complete', { values: [] }, "the result has no 'completion' with a list 'values'"],
    [
      'completion/complete',
      { completion: { values: Array(101).fill('a') as string[] } },
      'the result has 101 values, and at most 100 are allowed',
    ],
    ['completion/complete', { completion: { values: [5] } }, 'the result has values that are no texts'],
    ['server/discover', { supportedVersions: [] }, "the result has no 'capabilities'"],
  ])('of %s must not be %j', (method, result, message) => {
    expect(check(method, result)).toBe(message);
  });
});
