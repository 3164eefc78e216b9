import { seededRandom } from '../../core/random.js';
import type { RoutableTool, RoutingResult, RoutingStrategy } from '../../host/index.js';
import { filledCatalogue, originNote, type FilledCatalogue } from '../services/filled-catalogue.js';
import { shortfall, timeEach } from '../services/repeat.js';
import { Timings } from '../services/timings.js';
import type { SuiteTest } from '../suite-test.js';

/** The replicas are spread over so many servers, of which the last is down. */
const servers = Array.from({ length: 10 }, (_, index) => `server-${index + 1}`);
const down = servers.at(-1)!;

/** Which of many tools to call, and on which of their replicas. */
export const toolRouting: SuiteTest = {
  id: 'tool-routing',
  title: 'Choosing the tool and the replica to call',
  tags: ['performance', 'services'],
  originalName: 'test_tool_routing_performance',
  explain:
    "Makes routing decisions in this process, with mcp-dyno's own router, among the target's tools and made ones, each on " +
    'three of ten servers, one of which is down. Decisions take turns in strategy (performance, accuracy, cost, latency, ' +
    'balanced) and in choosing among all tools or among ten that a search found. Shows the time of each decision ' +
    '(routing_time.*, the first one apart as routing_time.cold; by strategy under operations). Decides ' +
    'PERF_MAX_ROUTING_TIME_MS: the mean, and five times that for the slowest; and itself that decisions are as many as ' +
    'asked for, best first, and never for the server that is down.',
  parameters: {
    tools: { what: 'tools known to the router', smoke: 50, quick: 500, full: 500, min: 10, max: 100_000 },
    decisions: { what: 'decisions', smoke: 20, quick: 100, full: 100, min: 1, max: 100_000 },
    maxTools: { what: 'tools of one decision, at most', smoke: 10, quick: 10, full: 10, min: 1, max: 100 },
  },
  limitMs: (parameters) => 5000 + Number(parameters['tools']) + Number(parameters['decisions']) * 100,
  async run(context) {
    const { routingStrategies, ToolRouter } = await import('../../host/index.js');
    const catalogue = filledCatalogue(context.bench.tools, context.number('tools'), 10);
    const random = seededRandom('tool-routing');
    const router = new ToolRouter({ random: random.fork('replicas') });
    const tools = routableTools(catalogue);
    router.setTools(tools);
    router.setHealth(down, 'unhealthy');
    const asked = context.number('decisions');
    const maxTools = context.number('maxTools');
    const found = Array.from({ length: Math.min(asked, 1000) }, () =>
      Array.from({ length: 10 }, (_, place) => ({ id: random.pick(tools).id, relevance: 20 - place })),
    );
    const strategyOf = (index: number) => routingStrategies[index % routingStrategies.length]!;
    // Strategies take turns of five; every other five choose among what a search found.
    const candidatesOf = (index: number) =>
      Math.floor(index / routingStrategies.length) % 2 === 0 ? undefined : found[index % found.length]!;
    const byStrategy = new Map<RoutingStrategy, Timings>(
      routingStrategies.map((one) => [one, new Timings()]),
    );
    const faults = new Set<string>();
    const timings = await timeEach({
      count: asked,
      stop: context.stop,
      work: (index): RoutingResult =>
        router.routeTools(
          { capabilities: ['area-3'], candidates: candidatesOf(index) },
          strategyOf(index),
          maxTools,
        ),
      check: ({ decisions }, index, ms) => {
        if (ms !== undefined) byStrategy.get(strategyOf(index))!.add(ms);
        const candidates = candidatesOf(index);
        const callable =
          candidates === undefined ? tools.length : new Set(candidates.map(({ id }) => id)).size;
        if (decisions.length < Math.min(maxTools, callable) || decisions.length > maxTools) {
          faults.add(`a decision had ${decisions.length} tools`);
        }
        if (decisions.some(({ server }) => server === down)) faults.add(`${down} was chosen, which is down`);
        if (decisions.some(({ score }, place) => place > 0 && score > decisions[place - 1]!.score)) {
          faults.add('a worse tool stood before a better one');
        }
      },
    });
    router.close();
    const measured = [...byStrategy].filter(([, one]) => one.count > 0);
    return {
      metrics: timings.metrics('routing_time'),
      operations: Object.fromEntries(measured.map(([name, one]) => [`host/route ${name}`, one.operation()])),
      histograms: timings.count > 0 ? { routing_time: timings.histogram() } : {},
      notes: [originNote(catalogue), ...shortfall('decisions', timings, asked)],
      ...(faults.size === 0 ? {} : { status: 'fail', reason: [...faults].join('; ') }),
    };
  },
};

/** Each tool on three servers, with what earlier calls may have shown. */
function routableTools({ sources }: FilledCatalogue): RoutableTool[] {
  return sources
    .flatMap(({ id, tools }) => tools.map((tool) => ({ id: `${id}/${tool.name}`, tool })))
    .map(({ id, tool }, index) => ({
      id,
      name: tool.name,
      replicas: [0, 3, 6].map((step) => servers[(index + step) % servers.length]!),
      capabilities: [`area-${index % 20}`],
      cost: (index % 7) + 1,
      annotations: tool.annotations,
      usage: { successRate: 0.5 + (index % 50) / 100, latencyMs: 5 + ((index * 37) % 400) },
    }));
}
