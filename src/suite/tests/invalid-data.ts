import { tryInvalidData } from '../invalid/trials.js';
import { outcomeOf } from '../invalid/trials-outcome.js';
import type { SuiteTest } from '../suite-test.js';

/** Arguments that the tools' own schemas forbid: refused, accepted, or fatal. */
export const invalidData: SuiteTest = {
  id: 'invalid-data',
  title: 'Arguments that the schema forbids',
  tags: ['conformance', 'data'],
  explain:
    'Calls each tool of the mix with arguments that break its schema in exactly one way (something required left out, another ' +
    'type, just below, above, too short, too long, not in the enum, twice the same, unknown, …), made from arguments that it is ' +
    'known to answer. Each is to be refused with isError or the JSON-RPC error -32602. Fails where one is accepted, ends the ' +
    'connection or the server, or is never answered, and names the tool, the violation and how often. A target that dyno ' +
    'starts is started for this test alone, and anew after each crash, which is then tried once more. Another error is ' +
    'counted as invalid.refused_otherwise.',
  parameters: {
    perTool: {
      what: 'violations of each tool, every kind first',
      smoke: 10,
      quick: 25,
      full: 100,
      min: 1,
      max: 1000,
    },
    times: { what: 'calls of each violation', smoke: 1, quick: 1, full: 2, min: 1, max: 1000 },
    answer: {
      what: 'time for an answer, ms; after it a call hangs',
      smoke: 2000,
      quick: 3000,
      full: 10_000,
      min: 10,
      max: 600_000,
    },
    breaks: {
      what: 'crashes and hangs after which it ends',
      smoke: 3,
      quick: 6,
      full: 20,
      min: 1,
      max: 1000,
    },
    budget: {
      what: 'time after which no further violation is tried, ms',
      smoke: 10_000,
      quick: 30_000,
      full: 180_000,
      min: 100,
      max: 86_400_000,
    },
  },
  sharesMachine: true,
  breaksTargets: true,
  onlyNamed: ['smoke', 'quick'],
  limitMs: (parameters) =>
    Number(parameters['budget']) +
    20_000 +
    Number(parameters['breaks']) * (Number(parameters['answer']) + 10_000),
  run: async (context) => outcomeOf(await tryInvalidData(context)),
};
