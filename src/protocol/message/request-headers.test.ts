import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { decodeHeaderValue, encodeHeaderValue, headerMarks, paramHeaders } from './param-headers.js';
import { requestHeaders } from './request-headers.js';
import { metaKeys, statelessMeta } from './request-meta.js';

const schema: JsonObject = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    count: { type: 'integer', 'x-mcp-header': 'Count' },
    dry: { type: 'boolean', 'x-mcp-header': 'Dry-Run' },
    inner: { type: 'object', properties: { deep: { type: 'string', 'x-mcp-header': 'Deep' } } },
    free: { type: 'string' },
  },
};

describe('the headers of a request', () => {
  const always = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };

  it('name revision and session in the session era, and nothing before initialize was answered', () => {
    expect(requestHeaders('session', undefined, undefined, 'initialize')).toEqual(always);
    expect(requestHeaders('session', '2025-06-18', 's1', 'tools/call', { name: 'x' }, schema)).toEqual({
      ...always,
      'mcp-protocol-version': '2025-06-18',
      'mcp-session-id': 's1',
    });
  });

  it.each([
    ['tools/list', {}, {}],
    ['tools/call', { name: 'echo' }, { 'mcp-name': 'echo' }],
    ['prompts/get', { name: 'greet' }, { 'mcp-name': 'greet' }],
    ['resources/read', { uri: 'memo://a b' }, { 'mcp-name': 'memo://a b' }],
    ['resources/read', { uri: 'memo://ü' }, { 'mcp-name': '=?base64?bWVtbzovL8O8?=' }],
    ['tasks/get', { taskId: 't1' }, { 'mcp-name': 't1' }],
    ['toString', { name: 'x' }, {}],
  ])('repeat method and name in the stateless era: %s %j', (method, params, more) => {
    expect(requestHeaders('stateless', '2026-07-28', undefined, method, params)).toEqual({
      ...always,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...more,
    });
  });

  it('carry marked arguments, those that are there', () => {
    const args = { region: ' Zürich', count: 3, dry: false, inner: { deep: 'x' }, free: 'y' };
    const params = { name: 't', arguments: args };
    expect(requestHeaders('stateless', '2026-07-28', undefined, 'tools/call', params, schema)).toMatchObject({
      'mcp-param-region': '=?base64?IFrDvHJpY2g=?=',
      'mcp-param-count': '3',
      'mcp-param-dry-run': 'false',
      'mcp-param-deep': 'x',
    });
    expect(paramHeaders(schema, { region: null, count: 2 ** 60 })).toEqual({});
    expect(paramHeaders(schema, undefined)).toEqual({});
  });
});

describe('the _meta of a stateless request', () => {
  it('keeps what is there; its own entries win', () => {
    const identity = {
      protocolVersion: '2026-07-28',
      capabilities: { elicitation: {} },
      clientInfo: { name: 'c', version: '1' },
    };
    expect(statelessMeta(identity, { progressToken: 3, [metaKeys.protocolVersion]: 'x' })).toEqual({
      progressToken: 3,
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
      'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' },
    });
  });
});

describe('header values', () => {
  it('come back as they were, and HTTP can carry them', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(' ', '\t', '\n', 'a', '=', '?', 'é') }),
      fc.string().map((inner) => `=?base64?${inner}?=`),
    );
    fc.assert(
      fc.property(text, (value) => {
        const encoded = encodeHeaderValue(value);
        expect(encoded).toMatch(/^([\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?)?$/);
        expect(decodeHeaderValue(encoded)).toBe(value);
      }),
    );
  });

  it.each(['=?base64?a?=', '=?base64?*?=', '=?base64?/w==?=', '=?base64?YQ=?='])('%s is refused', (value) => {
    expect(decodeHeaderValue(value)).toBeUndefined();
  });
});

describe('x-mcp-header marks', () => {
  const marked = (extra: JsonObject, more: JsonObject = {}): JsonObject => ({
    type: 'object',
    properties: { a: { type: 'string', ...extra }, ...more },
  });

  it('are found at any depth of properties', () => {
    expect(headerMarks(schema)).toEqual({
      valid: true,
      marks: [
        { path: ['region'], name: 'Region', type: 'string' },
        { path: ['count'], name: 'Count', type: 'integer' },
        { path: ['dry'], name: 'Dry-Run', type: 'boolean' },
        { path: ['inner', 'deep'], name: 'Deep', type: 'string' },
      ],
    });
  });

  it.each<[string, JsonObject]>([
    ['an empty name', marked({ 'x-mcp-header': '' })],
    ['a space', marked({ 'x-mcp-header': 'My Region' })],
    ['a line break', marked({ 'x-mcp-header': 'A\r\nB' })],
    ['a colon', marked({ 'x-mcp-header': 'A:' })],
    ['a name that is no text', marked({ 'x-mcp-header': 3 })],
    ['a number', marked({ type: 'number', 'x-mcp-header': 'A' })],
    ['an object', marked({ type: 'object', 'x-mcp-header': 'A' })],
    ['no type', { properties: { a: { 'x-mcp-header': 'A' } } }],
    ['the same name twice', marked({ 'x-mcp-header': 'A' }, { b: { type: 'string', 'x-mcp-header': 'a' } })],
    ['the root', { type: 'object', 'x-mcp-header': 'A' }],
    [
      'a mark within items',
      marked({}, { b: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } }),
    ],
    ['a mark within anyOf', { anyOf: [marked({ 'x-mcp-header': 'A' })] }],
    ['a mark within $defs', { $defs: { x: marked({ 'x-mcp-header': 'A' }) } }],
  ])('make a tool invalid: %s', (_, inputSchema) => {
    expect(headerMarks(inputSchema)).toMatchObject({ valid: false });
    expect(paramHeaders(inputSchema, { a: 'x', b: 'y' })).toEqual({});
  });

  it('survive a schema that nests without end', () => {
    let nested: JsonObject = { type: 'string', 'x-mcp-header': 'A' };
    for (let depth = 0; depth < 5000; depth++) nested = { type: 'object', properties: { a: nested } };
    expect(headerMarks(nested)).toMatchObject({ valid: false });
  });
});
