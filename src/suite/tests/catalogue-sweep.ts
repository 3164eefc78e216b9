import type { JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import type { Metrics } from '../../core/run-result.js';
import { formatBytes, formatCount } from '../../core/units.js';
import { WireError } from '../../protocol/index.js';
import { tokensOf } from '../catalogue-size.js';
import { growthMetric, growthOf, isGrowth, type Growth } from '../listing/growth.js';
import { heaviestTools } from '../listing/heaviest-tools.js';
import { measureCatalogue, type MeasuredCatalogue } from '../listing/measured-catalogue.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';

/** So many tools are named as the heaviest. */
const mostHeavy = 10;
/** Growth is told for so many tools more. */
const step = 1000;

const bounds = { pages: 10_000, tools: 1_000_000, bytes: 1e9 };

/** What listing and calling cost as the catalogue grows. */
export const catalogueSweep: SuiteTest = {
  id: 'catalogue-sweep',
  title: 'What listing and calling cost as the catalogue grows',
  tags: ['catalogue'],
  explain:
    'Reads the list of tools again and again, and calls one tool again and again, one request at a time, at several sizes of ' +
    'the catalogue. The bundled server is started anew with each size; any other has the one size that it has, and growth is ' +
    'told only where its list changes between readings. Shows for each size N at_N.catalogue.bytes, at_N.catalogue.tokens ' +
    "(estimated: four bytes are about one token of a model's context), at_N.list_time.* and at_N.latency.*; of the largest " +
    'list catalogue.*, list_time.* and which tools are the heaviest; and straight lines (Theil-Sen, with 95 % intervals) ' +
    'through all sizes: catalogue.bytes_per_tool, catalogue.tokens_per_tool, catalogue.list_time_per_1000 and ' +
    'catalogue.call_time_per_1000, in ms for a thousand tools more; of a list in pages also catalogue.page_time_per_1000, what a ' +
    'page takes longer for a thousand tools before it. Decides nothing but that the list can be read, unless a threshold is set.',
  parameters: {
    sizes: {
      what: 'tools of the bundled server, besides the few that it always has',
      smoke: [10, 100],
      quick: [10, 100, 1000],
      full: [10, 30, 100, 300, 1000, 3000, 10_000],
      min: 1,
      max: 100_000,
    },
    lists: { what: 'readings of the list at each size', smoke: 5, quick: 10, full: 30, min: 1, max: 10_000 },
    calls: { what: 'calls at each size', smoke: 20, quick: 50, full: 200, min: 0, max: 100_000 },
  },
  onlyNamed: ['smoke', 'quick'],
  limitMs: (parameters) => {
    const sizes = [parameters['sizes']].flat().length + 1;
    return 10_000 + sizes * (15_000 + Number(parameters['lists']) * 500 + Number(parameters['calls']) * 100);
  },
  skip: (bench) => (bench.tools.length === 0 ? 'the target has no tools' : undefined),
  async run(context) {
    const measured: MeasuredCatalogue[] = [];
    let fault: string | undefined;
    try {
      for (const size of sizesOf(context)) {
        if (context.stop.aborted) break;
        measured.push(await measureAt(context, size));
        const { endless } = measured.at(-1)!.listing;
        if (endless !== undefined) fault = endless;
        if (fault !== undefined) break;
      }
    } catch (error) {
      if (!context.stop.aborted) {
        if (!(error instanceof WireError)) throw error;
        fault = printableLine(error.message, 300);
      }
    }
    const reason = fault === undefined ? undefined : `the list of tools cannot be read: ${fault}`;
    if (measured.length === 0) {
      return reason === undefined
        ? { status: 'inconclusive', reason: 'stopped before the list was read' }
        : { status: 'fail', reason };
    }
    const outcome = outcomeOf(measured, context);
    return reason === undefined ? outcome : { ...outcome, status: 'fail', reason };
  },
};

/** Made tools to start the bundled server with; undefined for a target that is as it is. */
function sizesOf(context: TestContext): (number | undefined)[] {
  if (context.bench.spec.kind !== 'reference') return [undefined];
  // Without made tools first: the line through all sizes needs its lower end.
  return [0, ...new Set(context.list('sizes'))].sort((a, b) => a - b);
}

async function measureAt(context: TestContext, made: number | undefined): Promise<MeasuredCatalogue> {
  const { bench, stop } = context;
  const measuring = {
    lists: context.number('lists'),
    calls: context.number('calls'),
    call: context.operations.find(({ method }) => method === 'tools/call'),
    bounds,
    stop,
  };
  if (made === undefined) {
    const connection = await bench.connect();
    try {
      return await measureCatalogue(connection, measuring);
    } finally {
      await connection.close();
    }
  }
  const fresh = await bench.fresh({}, ['--catalogue', String(made)]);
  try {
    return await measureCatalogue(fresh.connection, measuring);
  } finally {
    await fresh.close();
  }
}

interface Lines {
  /** What a page takes by the tools before it. */
  page: Growth | undefined;
  bytes: Growth | undefined;
  list: Growth | undefined;
  call: Growth | undefined;
}

function outcomeOf(measured: readonly MeasuredCatalogue[], context: TestContext): TestOutcome {
  const largest = measured.reduce((a, b) => (b.listing.entries.length > a.listing.entries.length ? b : a));
  const { entries, bytes, pages } = largest.listing;
  const lines = linesOf(measured);
  const count = (value: number) => ({ value, unit: 'count' });
  const total = sum(measured.map(({ requests }) => requests.total));
  const ok = sum(measured.map(({ requests }) => requests.ok));
  const heaviest = heaviestTools(entries, mostHeavy);
  const single = measured.length === 1;
  const call = context.operations.find(({ method }) => method === 'tools/call')?.name;
  const metrics: Metrics = {
    'calls.total': count(total),
    'calls.ok': count(ok),
    'calls.failed': count(total - ok),
    'catalogue.tools': count(entries.length),
    'catalogue.pages': count(pages),
    'catalogue.bytes': { value: bytes, unit: 'B' },
    'catalogue.tokens': count(tokensOf(bytes)),
    ...perTool(lines.bytes, largest),
    ...growthMetric('catalogue.list_time_per_1000', lines.list, 'ms', step),
    ...growthMetric('catalogue.page_time_per_1000', lines.page, 'ms', step),
    ...growthMetric('catalogue.call_time_per_1000', lines.call, 'ms', step),
    ...largest.lists.metrics('list_time'),
    ...(single ? {} : Object.assign({}, ...measured.map(levelMetrics))),
  };
  return {
    metrics,
    operations: {
      'tools/list': largest.lists.operation(),
      ...(largest.calls === undefined || call === undefined
        ? {}
        : { [call]: largest.calls.operation(largest.failedCalls) }),
    },
    histograms: largest.lists.count > 0 ? { list_time: largest.lists.histogram() } : {},
    finding: `${formatCount(entries.length)} tools take ${formatBytes(bytes)}, about ${formatCount(tokensOf(bytes))} tokens`,
    notes: notesOf(measured, lines, heaviest),
    notJudged: [
      ...(lines.list === undefined
        ? [`growth with the catalogue: this server has one size (${entries.length} tools)`]
        : []),
      ...(largest.calls === undefined ? ['the time of a call: no tool that may be called is listed'] : []),
    ],
    details: {
      sizes: measured.map(sizeDetails),
      heaviest: heaviest.map((tool): JsonObject => ({ ...tool })),
    },
  };
}

/** Where there is only one size, what its tools take on average, the list's own frame included. */
function perTool(bytes: Growth | undefined, { listing }: MeasuredCatalogue): Metrics {
  const mean = listing.bytes / Math.max(1, listing.entries.length);
  const growth = bytes ?? { perTool: mean, ci95: null, base: 0 };
  const inTokens: Growth = {
    ...growth,
    perTool: growth.perTool / 4,
    ci95: growth.ci95 === null ? null : [growth.ci95[0] / 4, growth.ci95[1] / 4],
  };
  return {
    ...growthMetric('catalogue.bytes_per_tool', growth, 'B', 1),
    ...growthMetric('catalogue.tokens_per_tool', inTokens, 'count', 1),
  };
}

function linesOf(measured: readonly MeasuredCatalogue[]): Lines {
  const readings = measured.flatMap((one) => one.readings);
  const pages = measured.flatMap((one) => one.pages);
  return {
    page: growthOf(even(pages, 1000)),
    bytes: growthOf(readings.map(({ tools, bytes }) => ({ tools, value: bytes }))),
    list: growthOf(readings.map(({ tools, ms }) => ({ tools, value: ms }))),
    call: growthOf(
      measured.flatMap(({ listing, calls }) =>
        even(calls?.values() ?? []).map((value) => ({ tools: listing.entries.length, value })),
      ),
    ),
  };
}

/** A line takes all pairs of points: of many an even choice says the same. */
function even<T>(values: readonly T[], most = 100): T[] {
  const every = Math.ceil(values.length / most);
  return values.filter((_, index) => index % every === 0);
}

function levelMetrics({ listing, lists, calls }: MeasuredCatalogue): Metrics {
  const { entries, bytes, pages } = listing;
  const own: Metrics = {
    'catalogue.bytes': { value: bytes, unit: 'B' },
    'catalogue.tokens': { value: tokensOf(bytes), unit: 'count' },
    'catalogue.pages': { value: pages, unit: 'count' },
    ...lists.metrics('list_time'),
    ...(calls?.metrics('latency') ?? {}),
  };
  return Object.fromEntries(
    Object.entries(own).map(([name, metric]) => [`at_${entries.length}.${name}`, metric]),
  );
}

function sizeDetails({ listing, lists, calls }: MeasuredCatalogue): JsonObject {
  const p50 = (name: string, metrics: Metrics | undefined) => metrics?.[`${name}.p50`]?.value ?? null;
  return {
    tools: listing.entries.length,
    pages: listing.pages,
    bytes: listing.bytes,
    tokens: tokensOf(listing.bytes),
    list_ms_p50: p50('list_time', lists.metrics('list_time')),
    call_ms_p50: p50('latency', calls?.metrics('latency')),
  };
}

function notesOf(
  measured: readonly MeasuredCatalogue[],
  { bytes, list, call, page }: Lines,
  heaviest: ReturnType<typeof heaviestTools>,
): string[] {
  const named = heaviest
    .slice(0, 3)
    .map(({ name, bytes: own, tokens }) => `${name} (${formatBytes(own)}, about ${tokens} tokens)`);
  const failed = sum(measured.map(({ failedCalls }) => failedCalls));
  return [
    ...(named.length > 0 ? [`The heaviest tools: ${named.join(', ')}.`] : []),
    ...(bytes === undefined
      ? []
      : [
          `A tool more is ${Math.round(bytes.perTool)} bytes, about ${Math.round(bytes.perTool / 4)} tokens.`,
        ]),
    ...(list === undefined ? [] : [`The list takes ${slower(list)}.`]),
    ...(page === undefined ? [] : [`A page takes ${slower(page)} before it.`]),
    ...(call === undefined ? [] : [`A call takes ${slower(call)}.`]),
    ...(failed > 0 ? [`${failed} calls failed; their times are left out.`] : []),
  ];
}

/** `0.42 ms (0.40 to 0.44) more for 1000 tools more`. */
function slower(growth: Growth): string {
  const less = growth.ci95 !== null && growth.ci95[1] < 0;
  const ms = (perTool: number) => Number(((less ? -1 : 1) * perTool * step).toPrecision(3));
  const ends = growth.ci95?.map(ms).sort((a, b) => a - b);
  const interval = ends === undefined ? '' : ` (${ends.join(' to ')})`;
  const size = `${ms(growth.perTool)} ms${interval} ${less ? 'less' : 'more'} for ${formatCount(step)} tools more`;
  return isGrowth(growth) ? size : `no longer with more tools, as far as can be told: ${size}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
