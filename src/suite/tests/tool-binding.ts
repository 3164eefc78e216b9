import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../core/json.js';
import { seededRandom, type Random } from '../../core/random.js';
import type { ToolBinding } from '../../host/index.js';
import { argumentVariants, Surroundings } from '../../plan/arguments/index.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { percent, shareOf } from '../services/share.js';
import { filledCatalogue, originNote } from '../services/filled-catalogue.js';
import { knownAnswers, type KnownAnswer } from '../services/known-answers.js';
import { openDiscovery } from '../services/open-discovery.js';
import { shortfall, timeEach } from '../services/repeat.js';
import type { SuiteTest } from '../suite-test.js';

/** From what a user says, and what is known besides, to tools with their arguments filled in. */
export const toolBinding: SuiteTest = {
  id: 'tool-binding',
  title: 'Binding tools and their arguments',
  tags: ['performance', 'services'],
  originalName: 'test_tool_binding_performance',
  explain:
    "Binds tools to what a user says, in this process, with mcp-dyno's own host services, over a catalogue that the " +
    "target's tools are part of: chooses tools and fills in their arguments from entities that are known. Shows the time " +
    'of each binding (binding_time.*, the first one apart as binding_time.cold), how often the right tool came first ' +
    '(binding.hit_rate), and how often all arguments of it were filled in rightly (binding.arguments_rate). Decides ' +
    'PERF_MAX_BINDING_TIME_MS: the mean, and five times that for the slowest; and itself that no binding holds a value ' +
    "that the tool's schema forbids.",
  parameters: {
    tools: { what: 'tools in the catalogue', smoke: 100, quick: 1000, full: 1000, min: 1, max: 100_000 },
    bindings: { what: 'bindings', smoke: 20, quick: 100, full: 100, min: 1, max: 100_000 },
    maxTools: { what: 'tools of one binding, at most', smoke: 10, quick: 10, full: 10, min: 1, max: 100 },
  },
  limitMs: (parameters) => 5000 + Number(parameters['tools']) + Number(parameters['bindings']) * 100,
  async run(context) {
    const { bench, stop } = context;
    const { ToolBinder, ToolValidator } = await import('../../host/index.js');
    const catalogue = filledCatalogue(bench.tools, context.number('tools'), 10);
    const { discovery, refused } = await openDiscovery(catalogue);
    const binder = new ToolBinder({ discovery, call: () => Promise.resolve({ content: [] }) });
    const validator = new ToolValidator({ level: 'standard' });
    const asked = context.number('bindings');
    const random = seededRandom('tool-binding');
    const requests = await requestsOf(knownAnswers(catalogue, asked, random), context.operations, random);
    const maxTools = context.number('maxTools');
    const found = { all: 0, first: 0, filled: 0, toFill: 0 };
    const forbidden: string[] = [];
    const timings = await timeEach({
      count: asked,
      stop,
      work: (index): Promise<ToolBinding[]> => {
        const { answer, entities } = requests[index]!;
        return binder.bindTools({ query: answer.query, entities, maxTools });
      },
      check: (bindings, index) => {
        const { answer, entities } = requests[index]!;
        const [best] = bindings;
        found.all++;
        const right = best !== undefined && answer.isRight(best.tool);
        if (right) found.first++;
        if (right && best.tool.name === answer.tool.name && Object.keys(entities).length > 0) {
          found.toFill++;
          if (isDeepStrictEqual(best.arguments, entities)) found.filled++;
        }
        for (const { tool, arguments: args } of bindings) {
          const result = validator.validateInput(tool.tool, args);
          if (result.valid || result.refusal !== undefined) continue;
          const wrong = result.errors.find(({ keyword }) => keyword !== 'required');
          if (wrong !== undefined) forbidden.push(`${tool.label}: ${wrong.message}`);
        }
      },
    });
    binder.close();
    discovery.close();
    const [first] = forbidden;
    return {
      metrics: {
        ...timings.metrics('binding_time'),
        'binding.hit_rate': shareOf(found.first, found.all),
        'binding.arguments_rate': shareOf(found.filled, found.toFill),
      },
      operations: { 'host/bind': timings.operation() },
      histograms: timings.count > 0 ? { binding_time: timings.histogram() } : {},
      notes: [
        originNote(catalogue),
        `The right tool came first in ${percent(found.first, found.all)} of the bindings; all of its arguments were filled in rightly in ${percent(found.filled, found.toFill)}.`,
        ...refused,
        ...shortfall('bindings', timings, asked),
      ],
      ...(first === undefined
        ? {}
        : {
            status: 'fail',
            reason: `${forbidden.length} arguments were filled in that a schema forbids: ${first}`,
          }),
    };
  },
};

/** What is known beside the query: arguments that fit the tool that is meant, by name. */
async function requestsOf(
  answers: readonly KnownAnswer[],
  operations: readonly OperationPlan[],
  random: Random,
): Promise<{ answer: KnownAnswer; entities: JsonObject }[]> {
  const known = new Map<string, JsonObject>();
  for (const { tool, params } of operations) {
    const args = params[0]?.['arguments'];
    if (tool !== undefined && args !== undefined) known.set(`target ${tool}`, args as JsonObject);
  }
  const around = new Surroundings();
  const requests: { answer: KnownAnswer; entities: JsonObject }[] = [];
  for (const answer of answers) {
    const key = `${answer.real ? 'target' : 'made'} ${answer.tool.name}`;
    let entities = known.get(key);
    if (entities === undefined) {
      const made = await argumentVariants(answer.tool, around, random).next();
      entities = made.done === true ? {} : made.value;
      known.set(key, entities);
    }
    requests.push({ answer, entities });
  }
  return requests;
}
