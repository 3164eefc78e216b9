import { isJsonObject, type Json } from '../../../core/json.js';
import type { ToolDiscovery } from '../../discovery/discovery.js';
import type { ToolHit, ToolRecord } from '../../discovery/types.js';
import type { BindingRequest, BindingStrategy } from '../types.js';
import type { NameIndex } from './name-index.js';

/** A tool that may be meant. */
export interface Candidate {
  readonly record: ToolRecord;
  /** From 0 to 1, how well it matches what was said; 1 for the best of a ranked search. */
  readonly match: number;
  readonly why: string;
}

/** Of a ranked search so many are looked at, so that what was given to fill in can speak too. */
const depth = 20;

/** The tools that a strategy takes into account, the best match first. */
export async function candidatesFor(
  strategy: BindingStrategy,
  request: BindingRequest,
  maxTools: number,
  discovery: ToolDiscovery,
  names: () => NameIndex,
): Promise<Candidate[]> {
  const { query, intent } = request;
  const said = intent === undefined || intent === query ? query : `${intent} ${query}`;
  const wide = Math.max(depth, 2 * maxTools);
  switch (strategy) {
    case 'exact':
      return names()
        .exact((intent ?? query).trim())
        .map((record) => ({ record, match: 1, why: 'Its name is exactly what was asked for' }));
    case 'fuzzy':
      return names()
        .near(intent ?? query, wide)
        .map(({ record, likeness }) => ({
          record,
          match: likeness,
          why: `Its name is ${Math.round(likeness * 100)} % like what was asked for`,
        }));
    case 'semantic':
    case 'performance':
      return ranked(await discovery.searchTools(said, { limit: wide }));
    case 'category':
      return inCategories(request, said, wide, discovery);
  }
}

function ranked(hits: readonly ToolHit[]): Candidate[] {
  const best = hits[0]?.score ?? 1;
  return hits.map(({ record, score }, i) => ({
    record,
    match: score / best,
    why:
      i === 0
        ? 'The best match of the search'
        : `Match ${i + 1} of the search, ${percent(score / best)} of the best`,
  }));
}

/** Tools of the named categories: ranked by what was said, then those that it does not name, by id. */
async function inCategories(
  request: BindingRequest,
  said: string,
  limit: number,
  discovery: ToolDiscovery,
): Promise<Candidate[]> {
  const named = categoriesOf(request);
  const found = new Map<string, Candidate>();
  for (const category of named) {
    for (const filter of [{ tags: [category] }, { server: category }]) {
      for (const one of ranked(await discovery.searchTools(said, { ...filter, limit }))) {
        if ((found.get(one.record.id)?.match ?? -1) < one.match) {
          found.set(one.record.id, { ...one, why: `${one.why} in the category '${category}'` });
        }
      }
      if (found.size >= limit) continue;
      const rest = [...discovery.tools(filter)].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
      for (const record of rest) {
        if (found.has(record.id)) continue;
        found.set(record.id, { record, match: 0.1, why: `In the category '${category}'` });
      }
    }
  }
  const order = (a: Candidate, b: Candidate) => b.match - a.match || (a.record.id < b.record.id ? -1 : 1);
  return [...found.values()].sort(order).slice(0, limit);
}

/** `context.category` (a text or a list), else the intent. */
function categoriesOf({ intent, context }: BindingRequest): string[] {
  const given: Json | undefined = isJsonObject(context) ? context['category'] : undefined;
  const listed = Array.isArray(given) ? given : [given ?? intent];
  return listed.filter((one): one is string => typeof one === 'string' && one !== '').slice(0, 16);
}

/** A share for a sentence. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
