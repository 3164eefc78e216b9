import { afterEach, describe, expect, it, vi } from 'vitest';
import { Histogram } from '../../core/histogram/index.js';
import {
  MetricsCollector,
  ServiceRegistry,
  ToolBinder,
  ToolDiscovery,
  ToolRouter,
  ToolValidator,
} from '../../host/index.js';
import { madeTools } from '../../reference/index.js';
import type { Tool } from '../../protocol/index.js';
import type { SuiteTest } from '../suite-test.js';
import { monitoring } from './monitoring.js';
import { serviceDiscovery } from './service-discovery.js';
import { outcomeOf, referenceBench } from './test-context.fixture.js';
import { toolBinding } from './tool-binding.js';
import { toolDiscovery } from './tool-discovery.js';
import { toolRouting } from './tool-routing.js';
import { toolValidation } from './tool-validation.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const families: [SuiteTest, string, number][] = [
  [toolDiscovery, 'search_time', 20],
  [toolBinding, 'binding_time', 20],
  [toolRouting, 'routing_time', 20],
  [toolValidation, 'validation_time', 100],
  [serviceDiscovery, 'lookup_time', 20],
  [monitoring, 'retrieval_time', 20],
];

describe.each(families)('$id', (test, family, count) => {
  it.each<[string, () => Promise<Tool[]>]>([
    ['the tools of a target', async () => (await referenceBench()).tools],
    ['no tools', () => Promise.resolve([])],
  ])('measures its service with %s', async (_what, tools) => {
    const { status, reason, metrics, histograms, operations } = await outcomeOf(test, {
      tools: await tools(),
    });
    expect([status, reason]).toEqual([undefined, undefined]);
    for (const suffix of ['cold', 'min', 'mean', 'p50', 'p95', 'max']) {
      expect(metrics![`${family}.${suffix}`]!.value, suffix).toBeGreaterThan(0);
    }
    expect(metrics![`${family}.p99`]!.value === null).toBe(count < 100);
    expect(Histogram.fromBase64(histograms![family]!).count).toBe(count);
    expect(Object.keys(operations!).every((name) => name.startsWith('host/'))).toBe(true);
  });

  it('says what it did not do when it is stopped', async () => {
    const stop = AbortSignal.abort();
    const { notes, metrics } = await outcomeOf(test, { stop });
    expect(notes!.join(' ')).toMatch(/Stopped after 0 of \d+/);
    expect(metrics![`${family}.mean`]).toBeUndefined();
  });
});

describe('what the target lists', () => {
  it('is searched for by its own words, beside the made tools', async () => {
    const { tools } = await referenceBench();
    const { metrics, notes, details } = await outcomeOf(toolDiscovery, { tools });
    expect(metrics!['index.tools']!.value).toBe(100);
    expect(metrics!['search.top5_rate']!.value).toBeGreaterThan(0.9);
    expect(notes![0]).toBe(
      `${tools.length} tools of the target and ${100 - tools.length} made ones. ${/Indexed.*$/.exec(notes![0]!)![0]}`,
    );
    expect(details!['catalogue']).toMatchObject({ tools: 100, sources: 10 });
  });

  it('is in the catalogue as a whole where it is larger than asked for', async () => {
    const tools = madeTools(150, 9).map(({ definition }) => ({ ...definition, inputSchema: {} }) as Tool);
    const { metrics, notes } = await outcomeOf(toolDiscovery, { tools });
    expect(metrics!['index.tools']!.value).toBe(150);
    expect(notes![0]).toMatch(/^150 tools of the target\. /);
  });

  it('is named where it cannot be found, or is no use', async () => {
    const silent: Tool = { name: '…', inputSchema: { type: 'object' } };
    const alike = { description: 'Does it.', inputSchema: { type: 'object' } };
    const tools = [
      silent,
      { name: 'x'.repeat(3000), inputSchema: {} },
      { name: 'a', ...alike },
      { name: 'b', ...alike },
    ];
    const { status, notes } = await outcomeOf(toolDiscovery, { tools });
    expect(status).toBeUndefined();
    expect(notes!.join(' ')).toMatch(/1 tools of 'target' were refused by the catalogue, such as xxx/);
  });

  it('has its schemas in the validation, refused ones named', async () => {
    const hostile: Tool = {
      name: 'hostile',
      inputSchema: {
        type: 'object',
        properties: { a: { type: 'string', pattern: '^(a+)+$' } },
        required: ['a'],
      },
    };
    const { tools } = await referenceBench();
    const { status, notes, metrics } = await outcomeOf(toolValidation, {
      tools: [hostile, ...tools],
      parameters: { madeTools: 0 },
    });
    expect(status).toBeUndefined();
    expect(notes!.join(' ')).toMatch(/The schema of hostile was refused|hostile \(/);
    expect(metrics!['validations.refused']!.value).toBe(metrics!['validations.invalid']!.value);
    expect(metrics!['validations.invalid']!.value).toBeGreaterThan(40);
  });
});

describe('a service that gives wrong answers fails its test', () => {
  it('a search that finds nothing', async () => {
    vi.spyOn(ToolDiscovery.prototype, 'searchTools').mockResolvedValue([]);
    const { status, reason } = await outcomeOf(toolDiscovery);
    expect([status, reason]).toEqual(['fail', expect.stringMatching(/only 0 had a right one/)]);
  });

  it('a binding with a value that the schema forbids', async () => {
    const bind = Reflect.get(ToolBinder.prototype, 'bindTools') as ToolBinder['bindTools'];
    vi.spyOn(ToolBinder.prototype, 'bindTools').mockImplementation(async function (
      this: ToolBinder,
      request,
    ) {
      const bindings = await bind.call(this, request);
      return bindings.map((binding) => ({ ...binding, arguments: { priority: 'highest', status: 5 } }));
    });
    const { status, reason } = await outcomeOf(toolBinding);
    expect([status, reason]).toEqual(['fail', expect.stringMatching(/that a schema forbids/)]);
  });

  it('a router that puts the worst first, and chooses a server that is down', async () => {
    const route = Reflect.get(ToolRouter.prototype, 'routeTools') as ToolRouter['routeTools'];
    vi.spyOn(ToolRouter.prototype, 'routeTools').mockImplementation(function (this: ToolRouter, ...args) {
      const result = route.apply(this, args);
      const decisions = result.decisions.reverse().map((one) => ({ ...one, server: 'server-10' }));
      return { ...result, decisions };
    });
    const { status, reason } = await outcomeOf(toolRouting);
    expect(status).toBe('fail');
    expect(reason).toMatch(/server-10 was chosen, which is down; a worse tool stood before a better one/);
  });

  it.each([
    ['accepts what a schema forbids', true, /accepted .*, which its schema forbids/],
    ['refuses what fits', false, /refused .*, which fits/],
  ])('a validator that %s', async (_what, valid, words) => {
    vi.spyOn(ToolValidator.prototype, 'validateInput').mockReturnValue(
      valid
        ? { valid, value: {} }
        : { valid: false, errors: [{} as never], message: 'never', repair: () => undefined },
    );
    const { status, reason } = await outcomeOf(toolValidation);
    expect([status, reason]).toEqual(['fail', expect.stringMatching(words)]);
  });

  it('a registry that leaves one out', async () => {
    const look = Reflect.get(
      ServiceRegistry.prototype,
      'discoverServices',
    ) as ServiceRegistry['discoverServices'];
    vi.spyOn(ServiceRegistry.prototype, 'discoverServices').mockImplementation(function (
      this: ServiceRegistry,
      query = {},
    ) {
      const found = look.call(this, query);
      return Object.keys(query).length > 0 ? found.slice(1) : found;
    });
    const { status, reason } = await outcomeOf(serviceDiscovery);
    expect([status, reason]).toEqual(['fail', expect.stringMatching(/found \d+ services instead of \d+/)]);
  });

  it('monitoring that loses a value', async () => {
    const record = Reflect.get(
      MetricsCollector.prototype,
      'recordMetric',
    ) as MetricsCollector['recordMetric'];
    let calls = 0;
    vi.spyOn(MetricsCollector.prototype, 'recordMetric').mockImplementation(function (
      this: MetricsCollector,
      ...args
    ) {
      if (calls++ !== 500) record.apply(this, args);
    });
    const { status, reason } = await outcomeOf(monitoring);
    expect([status, reason]).toEqual(['fail', expect.stringMatching(/tool-0 has 10 values instead of 11/)]);
  });
});
