import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { exitCodes, failureClasses, isJsonObject, type Json, type RunResult } from '../core/index.js';
import { runResult, testResult } from './run.fixture.js';

const schema = JSON.parse(
  readFileSync(new URL('../../schema/dyno.run.1.json', import.meta.url), 'utf8'),
) as Record<string, Json>;

/** The same schema with no unknown keys allowed: what the types have, the schema must name. */
function closed(value: Json): Json {
  if (Array.isArray(value)) return value.map(closed);
  if (!isJsonObject(value)) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, closed(item)]));
  const named = isJsonObject(value['properties']) && value['additionalProperties'] === undefined;
  return named && value['type'] === 'object' ? { ...copy, additionalProperties: false } : copy;
}

function faults(run: unknown, of: Json = schema): string[] {
  const ajv = new Ajv2020({ allErrors: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  const validate = ajv.compile(of as object);
  validate(run);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

/** Every optional field of the contract is set. */
const everything: RunResult = runResult({
  comparison: {
    kind: 'paired',
    base: 'main',
    now: 'this build',
    verdict: 'regression',
    sentence: 'B is worse.',
    metrics: [
      {
        metric: 'latency.p50',
        test: 'single-tool-latency',
        unit: 'ms',
        base: 1,
        now: 1.2,
        ratio: 1.2,
        ci95: [1.1, 1.3],
        delta: 0.03,
        verdict: 'regression',
        reason: 'why',
        supporting: true,
        pairs: 10,
        noise: 0.01,
      },
    ],
    warnings: ['another machine'],
    histograms: { 'single-tool-latency': { latency: '' } },
  },
  environment: {
    node: '20',
    os: 'linux',
    cpu: 'x',
    cores: 2,
    memoryBytes: 1,
    git: { commit: 'abc', dirty: false },
    ci: 'github',
  },
  target: {
    ...runResult().target,
    url: 'http://127.0.0.1/mcp',
    serverInfo: { name: 'a', version: '1', title: 'A' },
  },
  tests: [
    testResult({
      reason: 'why',
      details: { levels: [1, 5] },
      heatmap: { t: [1], edges: [1, 2], counts: [[3, 4]], overflow: [0], failures: [1] },
      windows: [{ kind: 'fault', label: 'packet loss', from: 0, to: 1 }],
      generator: { ...testResult().generator!, gcPauseMs: 3, gcPauseMaxMs: 1 },
      samples: [{ class: 'rpc', operation: 'ping', request: '', response: '', at: 1 }],
      failures: [{ class: 'rpc', message: 'm', count: 1, firstAt: 0, lastAt: 2 }],
      thresholds: [
        {
          name: 'n',
          metric: 'latency.p95',
          operation: 'ping',
          op: '<=',
          limit: 1,
          unit: 'ms',
          observed: null,
          status: 'inconclusive',
        },
      ],
    }),
  ],
});

describe('the schema of dyno.run/1', () => {
  it('accepts results and knows every field of the types', () => {
    expect(faults(runResult())).toEqual([]);
    expect(faults(everything, closed(schema))).toEqual([]);
  });

  it('refuses what the types refuse', () => {
    const spoil = (change: (copy: RunResult) => void) => {
      const copy = structuredClone(everything);
      change(copy);
      return faults(copy);
    };
    expect(spoil((copy) => delete (copy as Partial<RunResult>).verdict)).toContainEqual(
      expect.stringContaining('verdict'),
    );
    expect(spoil((copy) => (copy.tests[0]!.status = 'green' as never))).not.toEqual([]);
    expect(spoil((copy) => (copy.tests[0]!.metrics['latency.p95']!.value = '1' as never))).not.toEqual([]);
    expect(spoil((copy) => (copy.verdict.exitCode = 2 as never))).not.toEqual([]);
    expect(spoil((copy) => (copy.tests[0]!.failures[0]!.class = 'ok' as never))).not.toEqual([]);
  });

  it('lists the exit codes and failure classes of the code', () => {
    const definitions = schema['$defs'] as Record<string, { enum?: Json[] }>;
    expect(definitions['failureClass']!.enum).toEqual([...failureClasses]);
    const verdict = (
      schema['properties'] as Record<string, { properties: Record<string, { enum: Json[] }> }>
    )['verdict']!;
    expect(verdict.properties['exitCode']!.enum).toEqual(Object.values(exitCodes).sort((a, b) => a - b));
  });
});
