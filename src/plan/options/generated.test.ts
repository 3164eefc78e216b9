import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../config/config-schema.js';
import { optionsPage } from './options-page.js';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('what is made of the option table', () => {
  it('is up to date (npm run generate)', () => {
    expect(read('docs/options.md')).toBe(optionsPage());
    expect(JSON.parse(read('schema/dyno.config.1.json'))).toEqual(configSchema());
  });

  it('is a schema that takes what the docs show and refuses slips', () => {
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(configSchema());
    const config = {
      target: { command: 'node', args: ['server.js'], env: { A: '1' } },
      connections: 32,
      duration: '30s',
      stages: ['30s:50', '1m:0'],
      warmup: 0,
      header: 'X-A: b',
      tools: { echo: { args: [{ message: 'a' }], weight: 2 }, remove: false },
      thresholds: ['p95 < 20ms', { threshold: 'success_rate > 99%', abortOnFail: true, delay: '5s' }],
      setup: [{ tool: 'create', args: {}, save: { id: 'structuredContent.id' } }],
      serverRequests: {
        'roots/list': { result: { roots: [] } },
        'sampling/createMessage': [{ error: { message: 'no' } }],
      },
      tests: { 'single-tool-latency': { calls: 50, thresholds: ['p99 < 1s'] } },
    };
    expect(validate(config)).toBe(true);
    for (const slip of [
      { conections: 3 },
      { connections: '32' },
      { duration: '30 parsecs' },
      { target: { url: 'http://x', command: 'node' } },
      { tools: { echo: { args: 'hi' } } },
      { protocol: '2020-01-01' },
      { setup: [{ args: {} }] },
    ]) {
      expect([slip, validate(slip)]).toEqual([slip, false]);
    }
  });
});
