import type { Registration, ServiceQuery, ServiceRecord } from '../../host/index.js';
import type { Tool } from '../../protocol/index.js';
import { shortfall, timeEach } from '../services/repeat.js';
import { Timings } from '../services/timings.js';
import type { SuiteTest } from '../suite-test.js';

/** The ways of looking services up, in turn. */
const kinds = ['type', 'tag', 'capability', 'health', 'tag and health'] as const;
type Kind = (typeof kinds)[number];

const states = ['healthy', 'healthy', 'healthy', 'degraded', 'unhealthy'] as const;

/** Looking services up in a registry, by what they are and can do. */
export const serviceDiscovery: SuiteTest = {
  id: 'service-discovery',
  title: 'Looking services up in a registry',
  tags: ['performance', 'services'],
  originalName: 'test_service_discovery_performance',
  explain:
    "Registers services with their capabilities in mcp-dyno's own registry in this process, the target with its tools " +
    'among them, and looks them up by type, by tag, by capability, by health, and by tag and health. Shows the time of each ' +
    'look-up (lookup_time.*, the first one apart as lookup_time.cold; by kind under operations) and of each registration ' +
    '(register_time.*). Decides PERF_MAX_DISCOVERY_TIME_MS: the mean look-up, and five times that for the slowest; and ' +
    'itself that every look-up finds exactly the services that a search through all of them finds.',
  parameters: {
    services: { what: 'services', smoke: 100, quick: 1000, full: 1000, min: 10, max: 100_000 },
    capabilities: { what: 'capabilities of each', smoke: 10, quick: 10, full: 10, min: 1, max: 100 },
    lookUps: { what: 'look-ups', smoke: 20, quick: 100, full: 100, min: 1, max: 100_000 },
  },
  limitMs: (parameters) => 5000 + Number(parameters['services']) * 2 + Number(parameters['lookUps']) * 100,
  async run(context) {
    const { stop } = context;
    const host = await import('../../host/index.js');
    const registry = await host.ServiceRegistry.open();
    const services = registrations(context.bench.tools, host.serviceTypes, {
      services: context.number('services'),
      capabilities: context.number('capabilities'),
    });
    let next = 0;
    const registering = await timeEach({
      // The first of all is the cold one.
      count: services.length - 1,
      stop,
      work: () => registry.registerService(services[next++]!),
    });
    const asked = context.number('lookUps');
    const queryOf = queries(services, host.serviceTypes);
    const all = registry.getAllServices();
    const expected = new Map<string, number>();
    const byKind = new Map<Kind, Timings>(kinds.map((kind) => [kind, new Timings()]));
    let fault: string | undefined;
    const timings = await timeEach({
      count: asked,
      stop,
      work: (index) => registry.discoverServices(queryOf(index)),
      check: (found, index, ms) => {
        if (ms !== undefined) byKind.get(kinds[index % kinds.length]!)!.add(ms);
        const query = queryOf(index);
        const key = JSON.stringify(query);
        let right = expected.get(key);
        if (right === undefined) expected.set(key, (right = all.filter((one) => fits(one, query)).length));
        if (found.length !== right || !found.every((one) => fits(one, query))) {
          fault ??= `a look-up by ${key} found ${found.length} services instead of ${right}`;
        }
      },
    });
    const registered = registry.statistics().services;
    await registry.close();
    const measured = [...byKind].filter(([, one]) => one.count > 0);
    return {
      metrics: {
        ...timings.metrics('lookup_time'),
        ...registering.metrics('register_time'),
        'registry.services': { value: registered, unit: 'count' },
      },
      operations: {
        'host/register': registering.operation(),
        ...Object.fromEntries(measured.map(([kind, one]) => [`host/look-up by ${kind}`, one.operation()])),
      },
      histograms: timings.count > 0 ? { lookup_time: timings.histogram() } : {},
      notes: shortfall('look-ups', timings, asked),
      ...(fault === undefined ? {} : { status: 'fail', reason: fault }),
    };
  },
};

/** The target as a service, then made ones over all types, tags that ten, a hundred and all share, and every state. */
function registrations(
  tools: readonly Tool[],
  types: readonly Registration['type'][],
  count: { services: number; capabilities: number },
): Registration[] {
  const own = tools.map(({ name }) => name).filter((name) => /^[\w.-]{1,100}$/.test(name));
  const target: Registration = {
    name: 'target',
    type: 'mcp_server',
    endpoint: 'mcp:target',
    capabilities: own.slice(0, count.capabilities).map((name) => `tool:${name}`),
    tags: ['all', 'target'],
    ttl: 'none',
    state: 'healthy',
  };
  const made = Array.from({ length: count.services - 1 }, (_, index): Registration => {
    const ten = Math.floor(index / 10);
    return {
      name: `service-${index}`,
      type: types[index % types.length]!,
      version: `1.${index % 10}.0`,
      endpoint: `mcp:service-${index}`,
      capabilities: Array.from({ length: count.capabilities }, (_, at) =>
        at === 0 ? 'tools' : `tool:${ten}-${at}`,
      ),
      tags: ['all', `ten-${ten}`, `hundred-${Math.floor(index / 100)}`],
      ttl: 'none',
      state: states[index % states.length],
    };
  });
  return [target, ...made];
}

/** What is looked for, look-up by look-up: rare and common keys, of all services in turn. */
function queries(
  services: readonly Registration[],
  types: readonly Registration['type'][],
): (index: number) => ServiceQuery {
  return (index) => {
    const service = services[(index * 7919) % services.length]!;
    const tag = service.tags![1]!;
    switch (kinds[index % kinds.length]!) {
      case 'type':
        return { type: types[index % types.length]! };
      case 'tag':
        return { tags: tag };
      case 'capability':
        return { capabilities: service.capabilities!.at(-1) ?? 'tools' };
      case 'health':
        return { healthyOnly: true };
      case 'tag and health':
        return { tags: tag, healthyOnly: true };
    }
  };
}

/** What the registry answers from its indexes, said without them. */
function fits(service: ServiceRecord, query: ServiceQuery): boolean {
  return (
    (query.type === undefined || service.type === query.type) &&
    (query.tags === undefined || service.tags.includes(query.tags as string)) &&
    (query.capabilities === undefined || service.capabilities.includes(query.capabilities as string)) &&
    (query.healthyOnly !== true || service.state === 'healthy')
  );
}
