import { failureClasses } from '../../core/outcome.js';
import type { Metrics } from '../../core/run-result.js';
import type { JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import { FailureLog } from '../../load/index.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import type { Tool } from '../../protocol/index.js';
import { filledCatalogue, originNote } from '../services/filled-catalogue.js';
import { realAnswer } from '../services/known-answers.js';
import { openDiscovery } from '../services/open-discovery.js';
import { shareOf } from '../services/share.js';
import { Timings } from '../services/timings.js';
import { runWorkflow, StageTimings, type Intent, type WorkflowServices } from '../services/workflow.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';

/** Success at or below which the test fails whatever the thresholds say, as for one call at a time. */
const leastSuccess = 0.9;
/** After so many calls in a row that found nobody, the target is taken for gone. */
const mostUnreachable = 5;

/** What an agent's question costs from the first word to the answer. */
export const endToEndWorkflow: SuiteTest = {
  id: 'end-to-end-workflow',
  title: 'From a question to the answer of the target',
  tags: ['performance', 'e2e'],
  originalName: 'test_end_to_end_performance',
  explain:
    "Does what a host does for an agent, one workflow after the other: searches a catalogue that the target's tools are " +
    'part of, binds five tools, routes among them, validates the arguments, and calls the tool of the target over a ' +
    "connection of its own, without retries; the answer is checked against its schema. The services are mcp-dyno's own, in " +
    'this process. Shows the time of whole workflows (workflow_time.*, only those that came out well) and of each stage ' +
    '(search_time.*, binding_time.*, routing_time.*, validation_time.*, and latency.* of the call), the success, and how ' +
    'often the tool that was meant was found (workflow.found_rate). Decides PERF_MAX_WORKFLOW_TIME_MS: the mean, and four ' +
    'times that for the slowest; and itself that success is above 0.9.',
  parameters: {
    workflows: { what: 'workflows', smoke: 20, quick: 100, full: 100, min: 1, max: 100_000 },
    tools: { what: 'tools in the catalogue', smoke: 100, quick: 1000, full: 1000, min: 1, max: 100_000 },
    timeout: {
      what: 'limit of each call, ms',
      smoke: 4000,
      quick: 10_000,
      full: 30_000,
      min: 1,
      max: 600_000,
    },
    maxDuration: {
      what: 'time limit, ms',
      smoke: 4000,
      quick: 15_000,
      full: 120_000,
      min: 1,
      max: 86_400_000,
    },
  },
  limitMs: (parameters) =>
    Number(parameters['maxDuration']) + Number(parameters['timeout']) + Number(parameters['tools']) + 5000,
  async run(context) {
    const intents = intentsOf(context.operations, context.bench.tools);
    if (intents.length === 0) return { status: 'skipped', reason: 'the target has no tool that is called' };
    const catalogue = filledCatalogue(context.bench.tools, context.number('tools'), 10);
    const host = await import('../../host/index.js');
    const { discovery, refused } = await openDiscovery(catalogue);
    const binder = new host.ToolBinder({ discovery, call: () => Promise.resolve({ content: [] }) });
    const router = new host.ToolRouter();
    for (const { id, name, server, tool } of discovery.tools()) {
      router.setTool({ id, name, replicas: [server], annotations: tool.annotations });
    }
    const validator = new host.ToolValidator();
    try {
      const connection = await context.bench.connect({ timeoutMs: context.number('timeout') });
      const services = { discovery, binder, router, validator, connection };
      const outcome = await workflows(context, services, intents);
      await connection.close();
      return { ...outcome, notes: [originNote(catalogue), ...refused, ...(outcome.notes ?? [])] };
    } finally {
      router.close();
      binder.close();
      discovery.close();
    }
  },
};

/** What is to be done for each tool of the mix: one intent for each set of arguments, the tools in turn. */
function intentsOf(operations: readonly OperationPlan[], tools: readonly Tool[]): Intent[] {
  const lists = operations.map(({ name, tool: toolName, params }) => {
    const tool = tools.find((one) => one.name === toolName);
    if (tool === undefined) return [];
    const query = realAnswer(tool)?.query ?? tool.name;
    return params.slice(0, 100).map(({ arguments: args }): Intent => ({
      query,
      tool,
      args: (args ?? {}) as JsonObject,
      operation: name,
    }));
  });
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}

async function workflows(
  context: TestContext,
  services: WorkflowServices,
  intents: readonly Intent[],
): Promise<TestOutcome> {
  const asked = context.number('workflows');
  const call = { timeoutMs: context.number('timeout'), signal: context.stop };
  const timings = new StageTimings();
  const perOperation = new Map<string, { timings: Timings; failed: number }>();
  const failed = new Map<string, number>();
  const log = new FailureLog();
  const count = { done: 0, ok: 0, found: 0, unreachable: 0 };
  let gone: string | undefined;
  void services.connection.closed.then(({ reason }) => {
    gone = reason;
  });
  const started = performance.now();
  const deadline = started + context.number('maxDuration');
  for (let round = -1; round < asked && !context.stop.aborted && performance.now() < deadline; round++) {
    const intent = intents[Math.max(0, round) % intents.length]!;
    const result = await runWorkflow(services, intent, call);
    if (result.stopped === true) break;
    if (gone !== undefined || count.unreachable >= mostUnreachable) {
      gone ??= result.failure?.message ?? 'it cannot be reached';
      break;
    }
    if (round === -1) timings.cold(result);
    const { failure } = result;
    count.unreachable = failure?.class === 'connect' ? count.unreachable + 1 : 0;
    if (round === -1 && failure === undefined) continue;
    count.done++;
    if (result.found) count.found++;
    const own = perOperation.get(intent.operation) ?? { timings: new Timings(), failed: 0 };
    perOperation.set(intent.operation, own);
    if (failure === undefined) {
      count.ok++;
      timings.add(result);
      own.timings.add(result.times.call);
    } else {
      own.failed++;
      failed.set(failure.class, (failed.get(failure.class) ?? 0) + 1);
      log.add({
        failure: failureClasses.indexOf(failure.class),
        operation: intent.operation,
        message: printableLine(failure.message, 300),
        atMs: performance.now() - started,
        request: JSON.stringify({ name: intent.tool.name, arguments: intent.args }),
        response: failure.response,
      });
    }
  }
  const notes = count.done < asked ? [`${count.done} of ${asked} workflows were done within the time.`] : [];
  return {
    metrics: metricsOf(timings, count, failed),
    operations: operationsOf(timings, perOperation),
    histograms:
      timings.whole.count > 0
        ? { workflow_time: timings.whole.histogram(), latency: timings.stages.call.histogram() }
        : {},
    ...log.drain(),
    notes,
    ...verdictOf(context, count, gone),
  };
}

function verdictOf(
  { bench }: TestContext,
  count: { done: number; ok: number },
  gone: string | undefined,
): Pick<TestOutcome, 'status' | 'reason'> {
  if (gone !== undefined) {
    const words = bench.lastWords().trim();
    const said = words === '' ? '' : `; its last words: ${words.slice(-1000)}`;
    return { status: 'error', reason: `the target ended in the middle of the test: ${gone}${said}` };
  }
  const success = count.done === 0 ? 1 : count.ok / count.done;
  if (success > leastSuccess) return {};
  return {
    status: 'fail',
    reason: `success ${(success * 100).toFixed(1)} %, more than ${leastSuccess * 100} % expected`,
  };
}

function metricsOf(
  { stages, whole }: StageTimings,
  count: { done: number; ok: number; found: number },
  failed: ReadonlyMap<string, number>,
): Metrics {
  const number = (value: number) => ({ value, unit: 'count' });
  const failures = failureClasses.map((name) => [`failures.${name}`, number(failed.get(name) ?? 0)] as const);
  return {
    'calls.total': number(count.done),
    'calls.ok': number(count.ok),
    'calls.failed': number(count.done - count.ok),
    success_rate: shareOf(count.ok, count.done),
    ...Object.fromEntries(failures),
    'workflow.found_rate': shareOf(count.found, count.done),
    ...whole.metrics('workflow_time'),
    ...stages.search.metrics('search_time'),
    ...stages.bind.metrics('binding_time'),
    ...stages.route.metrics('routing_time'),
    ...stages.validate.metrics('validation_time'),
    ...stages.call.metrics('latency'),
  };
}

function operationsOf(
  { stages }: StageTimings,
  calls: ReadonlyMap<string, { timings: Timings; failed: number }>,
): NonNullable<TestOutcome['operations']> {
  const { search, bind, route, validate } = stages;
  const own = Object.entries({ search, bind, route, validate }).map(
    ([stage, timings]) => [`host/${stage}`, timings.operation()] as const,
  );
  return Object.fromEntries([
    ...own,
    ...[...calls].map(([name, { timings, failed }]) => [name, timings.operation(failed)] as const),
  ]);
}
