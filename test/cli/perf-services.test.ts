import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResult } from '../../src/core/index.js';
import { dyno, program } from './run-dyno.js';

const heavySchemas = fileURLToPath(new URL('../fixtures/heavy-schemas.mjs', import.meta.url));
const reference = (...knobs: string[]) => [program, 'serve', '--stdio', ...knobs];
/** The target itself brings the service so much to hold. */
const hugeCatalogue = reference('--catalogue', '2000');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-perf-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a busy machine may miss is only decided where it is the subject. */
const patient = {
  PERF_MAX_SEARCH_TIME_MS: '30000',
  PERF_MAX_BINDING_TIME_MS: '30000',
  PERF_MAX_ROUTING_TIME_MS: '30000',
  PERF_MAX_VALIDATION_TIME_MS: '30000',
  PERF_MAX_DISCOVERY_TIME_MS: '30000',
  PERF_MIN_METRIC_THROUGHPUT: '1',
  PERF_MAX_METRIC_RETRIEVAL_MS: '30000',
  PERF_MAX_WORKFLOW_TIME_MS: '30000',
};

interface Bad {
  /** What makes the service or the server slow. */
  server?: string[];
  parameters?: Record<string, number>;
  /** What a good one stays well below (or above), and a bad one cannot. */
  limit: string;
}

it.each<[string, string, Bad]>([
  ['PERF_MAX_SEARCH_TIME_MS', 'tool-discovery', { server: hugeCatalogue, limit: '0.01' }],
  ['PERF_MAX_BINDING_TIME_MS', 'tool-binding', { server: hugeCatalogue, limit: '0.05' }],
  ['PERF_MAX_ROUTING_TIME_MS', 'tool-routing', { server: hugeCatalogue, limit: '0.01' }],
  [
    'PERF_MAX_VALIDATION_TIME_MS',
    'tool-validation',
    { server: [heavySchemas], parameters: { madeTools: 0, validations: 50 }, limit: '0.01' },
  ],
  [
    'PERF_MAX_DISCOVERY_TIME_MS',
    'service-discovery',
    { parameters: { services: 5000, capabilities: 3 }, limit: '0.001' },
  ],
  [
    'PERF_MIN_METRIC_THROUGHPUT',
    'monitoring',
    { parameters: { records: 4000, labelSets: 4000, retrievals: 1 }, limit: '20000000' },
  ],
  [
    'PERF_MAX_METRIC_RETRIEVAL_MS',
    'monitoring',
    { parameters: { labelSets: 1000, retrievals: 5 }, limit: '0.1' },
  ],
  [
    'PERF_MAX_WORKFLOW_TIME_MS',
    'end-to-end-workflow',
    { server: reference('--service-time', '30ms'), limit: '25' },
  ],
])(
  '%s, and it alone, fails where the service is slow',
  async (name, test, { server, parameters = {}, limit }) => {
    const config = join(folder, `${name}.json`);
    writeFileSync(config, JSON.stringify({ tests: { [test]: parameters } }));
    const flags = ['--only', test, '--profile', 'smoke', '--json', '--quiet', '--config', config];
    const target = ['--', process.execPath, ...(server ?? reference())];
    const run = await dyno(['test', ...flags, ...target], { env: { ...patient, [name]: limit } });
    const { tests, verdict } = JSON.parse(run.stdout) as RunResult;
    const { thresholds } = tests[0]!;
    const missed = thresholds.filter(({ status }) => status !== 'pass');
    expect([...new Set(missed.map((one) => one.name))]).toEqual([name]);
    expect(thresholds.length).toBeGreaterThan(1);
    expect([run.code, verdict.exitCode]).toEqual([99, 99]);
  },
  60_000,
);
