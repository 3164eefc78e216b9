import { isJsonObject, type JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import { formatBytes } from '../../core/units.js';
import type { CatalogueTool } from '../../plan/catalogue.js';
import { WireError } from '../../protocol/index.js';
import { readListing, type Listing } from '../listing/read-listing.js';
import { toolFaults } from '../listing/tool-faults.js';
import { Timings } from '../services/timings.js';
import type { SuiteTest, TestContext } from '../suite-test.js';

/** So many faulty tools are named. */
const mostNamed = 20;

/** Listing the tools: what it takes, how much it is, and what is wrong with it. */
export const catalogue: SuiteTest = {
  id: 'catalogue',
  title: 'Listing the tools, and what they say of themselves',
  tags: ['catalogue'],
  explain:
    'Reads the list of tools over all its pages, again and again on a connection of its own, and looks at every tool. Shows ' +
    'how long the whole list takes (list_time.*, the first one apart as list_time.cold), its pages, tools, bytes, and ' +
    "estimated tokens (catalogue.*; four bytes are about one token of a model's context), and what is wrong: faults, with " +
    'which a host cannot use a tool (no name, the name of another, a schema that is none), and advice (no description, no ' +
    'readOnlyHint, long names). Decides itself that the list can be read, that it ends (within maxPages, maxTools and ' +
    'maxBytes), and that no tool has a fault.',
  parameters: {
    listings: { what: 'times that the list is read', smoke: 5, quick: 20, full: 100, min: 1, max: 10_000 },
    maxDuration: { what: 'time limit, ms', smoke: 2000, quick: 8000, full: 60_000, min: 1, max: 86_400_000 },
    maxPages: { what: 'pages at most', smoke: 1000, quick: 1000, full: 1000, min: 1, max: 100_000 },
    maxTools: {
      what: 'tools at most',
      smoke: 100_000,
      quick: 100_000,
      full: 100_000,
      min: 1,
      max: 1_000_000,
    },
    maxBytes: {
      what: 'bytes of all pages at most',
      smoke: 64_000_000,
      quick: 64_000_000,
      full: 64_000_000,
      min: 1,
      max: 1e9,
    },
    compiled: {
      what: 'tools whose schemas are compiled to look for faults, at most',
      smoke: 100,
      quick: 500,
      full: 5000,
      min: 0,
      max: 100_000,
    },
  },
  limitMs: (parameters) => Number(parameters['maxDuration']) + Number(parameters['compiled']) * 10 + 20_000,
  async run(context) {
    const connection = await context.bench.connect();
    if (connection.capabilities['tools'] === undefined) {
      await connection.close();
      return { status: 'skipped', reason: 'the target says that it has no tools' };
    }
    const timings = new Timings();
    let listing: Listing | undefined;
    let changed = 0;
    let fault: string | undefined;
    const asking = { pages: 0, failed: 0 };
    const deadline = performance.now() + context.number('maxDuration');
    const asked = context.number('listings');
    try {
      for (let round = -1; round < asked && fault === undefined && !context.stop.aborted; round++) {
        if (listing !== undefined && performance.now() > deadline) break;
        const next: Listing = await readListing(connection, boundsOf(context), context.stop);
        asking.pages += next.pages;
        if (round === -1) timings.coldMs = next.ms;
        else timings.add(next.ms);
        if (next.endless !== undefined) fault = `the list of tools cannot be read: ${next.endless}`;
        if (listing !== undefined && namesOf(next) !== namesOf(listing)) changed++;
        listing = next;
      }
    } catch (error) {
      if (!context.stop.aborted) {
        if (!(error instanceof WireError)) throw error;
        asking.failed++;
        fault = `the list of tools cannot be read: ${printableLine(error.message, 300)}`;
      }
    }
    await connection.close();
    if (listing === undefined) {
      return fault === undefined
        ? { status: 'inconclusive', reason: 'stopped before the list was read' }
        : { status: 'fail', reason: fault };
    }
    const looked = await lookAt(listing, context);
    const { pages, bytes, entries } = listing;
    const count = (value: number) => ({ value, unit: 'count' });
    const reason = fault ?? faultOf(looked.faulty);
    const tokens = Math.round(bytes / 4);
    return {
      metrics: {
        'calls.total': count(asking.pages + asking.failed),
        'calls.ok': count(asking.pages),
        'calls.failed': count(asking.failed),
        ...timings.metrics('list_time'),
        'catalogue.tools': count(entries.length),
        'catalogue.pages': count(pages),
        'catalogue.bytes': { value: bytes, unit: 'B' },
        'catalogue.tokens': count(tokens),
        'catalogue.faults': count(looked.faulty.reduce((sum, { faults }) => sum + faults.length, 0)),
        'catalogue.advice': count(looked.advised.reduce((sum, { advice }) => sum + advice.length, 0)),
      },
      operations: { 'tools/list': timings.operation() },
      histograms: timings.count > 0 ? { list_time: timings.histogram() } : {},
      notes: [
        `${entries.length} tools on ${pages === 1 ? 'one page' : `${pages} pages`}, ${formatBytes(bytes)}, about ${tokens} tokens.`,
        ...looked.advised.slice(0, 3).map(({ name, advice }) => `${name}: ${advice.join('; ')}.`),
        ...(looked.advised.length > 3
          ? [`Advice for ${looked.advised.length - 3} more tools is in the result.`]
          : []),
        ...(changed > 0
          ? [`The tools or their order changed between ${changed} of ${timings.count} readings.`]
          : []),
        ...(timings.count < asked
          ? [`The list was read ${timings.count + 1} times, ${asked} were asked for.`]
          : []),
        ...looked.notes,
      ],
      details: {
        faults: looked.faulty.slice(0, mostNamed),
        advice: looked.advised.slice(0, mostNamed),
      },
      ...(reason === undefined ? {} : { status: 'fail', reason }),
    };
  },
};

function boundsOf(context: TestContext) {
  return {
    pages: context.number('maxPages'),
    tools: context.number('maxTools'),
    bytes: context.number('maxBytes'),
  };
}

function namesOf({ entries }: Listing): string {
  return JSON.stringify(entries.map(({ name }) => name ?? null));
}

interface Looked {
  faulty: { name: string; faults: string[] }[];
  advised: { name: string; advice: string[] }[];
  notes: string[];
}

/** Every tool is looked at; only so many schemas are compiled. */
async function lookAt({ entries }: Listing, context: TestContext): Promise<Looked> {
  const looked: Looked = { faulty: [], advised: [], notes: [] };
  const compiled = context.number('compiled');
  const names = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    if (context.stop.aborted) break;
    const name = typeof entry['name'] === 'string' ? entry['name'] : '';
    const shown = name === '' ? `entry ${index + 1}` : printableLine(name, 60);
    const wrong = listingFaults(entry, names);
    names.add(name);
    const found =
      name === '' || !isJsonObject(entry['inputSchema'])
        ? { faults: [], advice: [] }
        : await toolFaults(entry as unknown as CatalogueTool, index < compiled);
    const faults = [...wrong, ...found.faults];
    if (faults.length > 0) looked.faulty.push({ name: shown, faults });
    if (found.advice.length > 0) looked.advised.push({ name: shown, advice: found.advice });
  }
  if (entries.length > compiled)
    looked.notes.push(`Only the schemas of the first ${compiled} of ${entries.length} tools were compiled.`);
  return looked;
}

/** What is wrong with an entry as one of a list. */
function listingFaults(entry: JsonObject, names: ReadonlySet<string>): string[] {
  const { name, inputSchema, description, annotations } = entry;
  const faults: string[] = [];
  if (typeof name !== 'string' || name === '') faults.push('it has no name');
  else if (names.has(name)) faults.push('another tool has the same name');
  if (!isJsonObject(inputSchema)) faults.push('it has no inputSchema');
  if (description !== undefined && typeof description !== 'string') faults.push('its description is no text');
  if (annotations !== undefined && !isJsonObject(annotations)) faults.push('its annotations are no object');
  return faults;
}

function faultOf(faulty: Looked['faulty']): string | undefined {
  const [first] = faulty;
  if (first === undefined) return undefined;
  const more = faulty.length > 1 ? `, and ${faulty.length - 1} more` : '';
  return `${faulty.length} tools cannot be used rightly: ${first.name} (${first.faults.join('; ')})${more}`;
}
