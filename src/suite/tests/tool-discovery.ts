import { seededRandom } from '../../core/random.js';
import { printableLine } from '../../core/printable.js';
import { catalogueSize } from '../catalogue-size.js';
import { filledCatalogue, originNote } from '../services/filled-catalogue.js';
import { openDiscovery } from '../services/open-discovery.js';
import { knownAnswers } from '../services/known-answers.js';
import { percent, shareOf } from '../services/share.js';
import { shortfall, timeEach } from '../services/repeat.js';
import type { SuiteTest } from '../suite-test.js';

/** Of the searches for made tools, whose queries are ours, at least so many must have the right one among the first ten. */
const leastFound = 0.8;

/** What a catalogue of this size costs a host: indexing it, searching it, and whether the right tool is found. */
export const toolDiscovery: SuiteTest = {
  id: 'tool-discovery',
  title: 'Searching a catalogue of many tools',
  tags: ['performance', 'services'],
  originalName: 'test_tool_discovery_performance',
  explain:
    "Indexes a catalogue of many sources in this process, with mcp-dyno's own host services: the target's tools are one " +
    'source, made tools fill the others. Then searches it for tools by what a user would say, where the right answer is ' +
    'known. Shows how long indexing (index_time) and each search (search_time.*, the first one apart as search_time.cold) ' +
    'take, and how often the right tool came first (search.hit_rate) and among the first five (search.top5_rate). Decides ' +
    'PERF_MAX_SEARCH_TIME_MS: the mean, and five times that for the slowest; and itself that of the searches for made ' +
    'tools at least 80 % have a right one among the first ten.',
  parameters: {
    sources: { what: 'sources', smoke: 10, quick: 10, full: 10, min: 1, max: 100 },
    toolsPerSource: {
      what: 'tools per source, on average',
      smoke: 10,
      quick: 100,
      full: 100,
      min: 1,
      max: 1000,
    },
    searches: { what: 'searches', smoke: 20, quick: 100, full: 100, min: 1, max: 100_000 },
    limit: { what: 'hits at most', smoke: 10, quick: 10, full: 10, min: 10, max: 100 },
  },
  limitMs: (parameters) =>
    5000 +
    Number(parameters['sources']) * Number(parameters['toolsPerSource']) +
    Number(parameters['searches']) * 50,
  async run(context) {
    const { bench, stop } = context;
    const sources = context.number('sources');
    const catalogue = filledCatalogue(bench.tools, sources * context.number('toolsPerSource'), sources);
    const { discovery, indexMs, refused } = await openDiscovery(catalogue);
    const asked = context.number('searches');
    const limit = context.number('limit');
    const answers = knownAnswers(catalogue, asked, seededRandom('tool-discovery'));
    const found = { all: 0, first: 0, five: 0, made: 0, madeTen: 0 };
    const missed = new Set<string>();
    const timings = await timeEach({
      count: asked,
      stop,
      work: (index) => discovery.searchTools(answers[index]!.query, { limit }),
      check: (hits, index) => {
        const answer = answers[index]!;
        const place = hits.findIndex(({ record }) => answer.isRight(record));
        found.all++;
        if (place === 0) found.first++;
        if (place >= 0 && place < 5) found.five++;
        if (!answer.real) {
          found.made++;
          if (place >= 0 && place < 10) found.madeTen++;
        } else if (place < 0) missed.add(printableLine(answer.tool.name, 60));
      },
    });
    const { tools: indexed, terms, postings } = discovery.indexSize();
    discovery.close();
    const share = found.made === 0 ? 1 : found.madeTen / found.made;
    return {
      metrics: {
        ...timings.metrics('search_time'),
        index_time: { value: indexMs, unit: 'ms' },
        'search.hit_rate': shareOf(found.first, found.all),
        'search.top5_rate': shareOf(found.five, found.all),
        'index.tools': { value: indexed, unit: 'count' },
      },
      operations: { 'host/search': timings.operation() },
      histograms: timings.count > 0 ? { search_time: timings.histogram() } : {},
      notes: [
        `${originNote(catalogue)} Indexed in ${Math.round(indexMs)} ms.`,
        `The right tool came first in ${percent(found.first, found.all)} of the searches, among the first five in ${percent(found.five, found.all)}.`,
        ...refused,
        ...(missed.size > 0
          ? [
              `Not found by the first sentence of their own description: ${[...missed].slice(0, 10).join(', ')}` +
                `${missed.size > 10 ? ` and ${missed.size - 10} more` : ''}.`,
            ]
          : []),
        ...shortfall('searches', timings, asked),
      ],
      details: {
        catalogue: {
          ...catalogueSize([...catalogue.real, ...catalogue.made]),
          sources: catalogue.sources.length,
        },
        index: { terms, postings },
      },
      ...(share < leastFound
        ? {
            status: 'fail',
            reason:
              `of ${found.made} searches for made tools only ${found.madeTen} had a right one among the first ten, ` +
              `at least ${leastFound * 100} % expected`,
          }
        : {}),
    };
  },
};
