import type { JsonObject } from '../../core/json.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { WireError, type McpConnection } from '../../protocol/index.js';
import { timeEach } from '../services/repeat.js';
import { Timings } from '../services/timings.js';
import { readListing, type Listing, type ListingBounds } from './read-listing.js';

/** One reading of a list: how many tools there were, and what it took. */
export interface Reading {
  tools: number;
  bytes: number;
  ms: number;
}

/** What a catalogue of one size costs. */
export interface MeasuredCatalogue {
  /** The last reading, whole. */
  listing: Listing;
  /** Every reading but the first, which finds everything cold. */
  readings: Reading[];
  /** Of every page of these: the tools before it, and what it took. */
  pages: { tools: number; value: number }[];
  lists: Timings;
  /** One call after another while the catalogue has this size; undefined where no tool may be called. */
  calls: Timings | undefined;
  /** Answers that came out badly. */
  failedCalls: number;
  /** Requests made, and pages that came. */
  requests: { total: number; ok: number };
}

/** How a catalogue is measured. */
export interface CatalogueMeasuring {
  lists: number;
  calls: number;
  /** The call that is timed, where its tool is listed. */
  call: OperationPlan | undefined;
  bounds: ListingBounds;
  stop: AbortSignal;
}

/**
 * Reads the list again and again, then calls one tool again and again, one request at a time.
 *
 * @throws WireError when the list cannot be had at all
 */
export async function measureCatalogue(
  connection: McpConnection,
  { lists: asked, calls, call, bounds, stop }: CatalogueMeasuring,
): Promise<MeasuredCatalogue> {
  const lists = new Timings();
  const readings: Reading[] = [];
  let listing = await readListing(connection, bounds, stop);
  let pages = listing.pages;
  const perPage: MeasuredCatalogue['pages'] = [];
  lists.coldMs = listing.ms;
  for (let round = 0; round < asked && listing.endless === undefined && !stop.aborted; round++) {
    listing = await readListing(connection, bounds, stop);
    pages += listing.pages;
    lists.add(listing.ms);
    perPage.push(...listing.perPage.map(({ before, ms }) => ({ tools: before, value: ms })));
    readings.push({ tools: listing.entries.length, bytes: listing.bytes, ms: listing.ms });
  }
  const measured: MeasuredCatalogue = {
    listing,
    readings,
    pages: perPage,
    lists,
    calls: undefined,
    failedCalls: 0,
    requests: { total: pages, ok: pages },
  };
  const listed = listing.entries.some(({ name }) => name === call?.tool);
  if (call === undefined || !listed || calls === 0 || stop.aborted) return measured;
  return await withCalls(connection, measured, { call, calls, stop });
}

async function withCalls(
  connection: McpConnection,
  measured: MeasuredCatalogue,
  { call, calls, stop }: { call: OperationPlan; calls: number; stop: AbortSignal },
): Promise<MeasuredCatalogue> {
  const good = new Timings();
  let ok = 0;
  let failed = 0;
  const work = async (index: number): Promise<boolean> => {
    const params: JsonObject = call.params[index % call.params.length] ?? {};
    try {
      const result = await connection.request(call.method, params, { signal: stop });
      return result['isError'] !== true;
    } catch (error) {
      if (stop.aborted) return false;
      if (!(error instanceof WireError)) throw error;
      return false;
    }
  };
  const check = (well: boolean, _: number, ms: number | undefined) => {
    if (stop.aborted) return;
    if (well) ok++;
    else failed++;
    if (well && ms !== undefined) good.add(ms);
  };
  const all = await timeEach({ count: calls, work, check, stop });
  good.coldMs = all.coldMs;
  const { requests } = measured;
  return {
    ...measured,
    calls: good,
    failedCalls: failed,
    requests: { total: requests.total + ok + failed, ok: requests.ok + ok },
  };
}
