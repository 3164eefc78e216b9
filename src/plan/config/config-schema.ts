import type { JsonObject } from '../../core/index.js';
import { configurableOptions } from './load-config.js';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...more,
});

const texts: JsonObject = { type: 'object', additionalProperties: { type: 'string' } };
const duration: JsonObject = { oneOf: [{ type: 'string' }, { const: 0 }] };

const threshold: JsonObject = {
  oneOf: [
    { type: 'string', description: "[test:]metric op value[unit], such as 'latency.p95 < 200ms'" },
    object(
      {
        threshold: { type: 'string' },
        abortOnFail: { type: 'boolean', description: 'stop as soon as it fails' },
        delay: { ...duration, description: 'but not before this long after the start of a test' },
      },
      { required: ['threshold'] },
    ),
  ],
};

const calls: JsonObject = {
  type: 'array',
  items: object(
    {
      tool: { type: 'string' },
      args: { type: 'object' },
      save: { ...texts, description: "keeps parts of the answer: { id: 'structuredContent.id' }" },
      allowError: { type: 'boolean' },
    },
    { required: ['tool'] },
  ),
};

const reply: JsonObject = {
  oneOf: [
    object({ result: { type: 'object' }, delay: duration }, { required: ['result'] }),
    object(
      {
        error: object({ code: { type: 'integer' }, message: { type: 'string' } }, { required: ['message'] }),
        delay: duration,
      },
      { required: ['error'] },
    ),
  ],
};

const sections: JsonObject = {
  $schema: { type: 'string' },
  target: {
    description: 'the server to measure, where the command line names none',
    oneOf: [
      { type: 'string' },
      object({ url: { type: 'string' }, headers: texts }, { required: ['url'] }),
      object(
        {
          command: { type: 'string' },
          args: { type: 'array', items: { type: 'string' } },
          env: texts,
          cwd: { type: 'string' },
        },
        { required: ['command'] },
      ),
    ],
  },
  tools: {
    description: 'what is special about single tools; false: never call it',
    type: 'object',
    additionalProperties: {
      oneOf: [
        { const: false },
        object({
          args: { oneOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' } }] },
          weight: { type: 'number', minimum: 0 },
          allow: { type: 'boolean' },
        }),
      ],
    },
  },
  thresholds: { description: 'limits on metrics', type: 'array', items: threshold },
  setup: { ...calls, description: 'calls before anything else' },
  teardown: { ...calls, description: 'calls at the end, whatever happened' },
  serverRequests: {
    description: 'answers to requests of the server, by method',
    type: 'object',
    additionalProperties: { oneOf: [reply, { type: 'array', items: reply, minItems: 1 }] },
  },
  tests: {
    description: 'limits and parameters of single tests by their id (dyno test --explain ID)',
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: { thresholds: { type: 'array', items: threshold } },
    },
  },
};

/** The JSON Schema (2020-12) of the config file, made of the option table; kept in schema/dyno.config.1.json. */
export function configSchema(): JsonObject {
  const options = Object.fromEntries(
    configurableOptions.map(([key, spec]) => [key, { ...spec.type.schema, description: spec.help }]),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:mcp-dyno:dyno.config:1',
    title: 'dyno.config',
    description: 'The config file of mcp-dyno. Made by `npm run generate`; do not edit.',
    ...object({ ...sections, ...options }),
  };
}
