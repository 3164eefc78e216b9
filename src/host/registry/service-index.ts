import { PostingList, type Posting } from './posting-list.js';
import type { CheckedQuery } from './query.js';
import type { ServiceRecord, ServiceType } from './service.js';

/**
 * Services by id, name, type, tag and capability. A look-up walks the shortest list that the query names, so it costs
 * what it returns (and, where several keys are asked for, what the rarest of them returns), never the catalogue.
 */
export class ServiceIndex {
  readonly #byId = new Map<string, Posting>();
  readonly #all = new PostingList();
  readonly #lists = {
    name: new Map<string, PostingList>(),
    type: new Map<string, PostingList>(),
    tag: new Map<string, PostingList>(),
    capability: new Map<string, PostingList>(),
  };

  get size(): number {
    return this.#byId.size;
  }

  /** How many different tags, capabilities and names are in use. */
  get keys(): { names: number; tags: number; capabilities: number } {
    const { name, tag, capability } = this.#lists;
    return { names: name.size, tags: tag.size, capabilities: capability.size };
  }

  get(id: string): ServiceRecord | undefined {
    return this.#byId.get(id)?.record;
  }

  ids(): IterableIterator<string> {
    return this.#byId.keys();
  }

  /** How many services are of a type. */
  countOf(type: ServiceType): number {
    return this.#lists.type.get(type)?.size ?? 0;
  }

  /** Adds a record, or puts it in the place of the one with the same id. */
  put(record: ServiceRecord): void {
    const known = this.#byId.get(record.id);
    if (known !== undefined && sameKeys(known.record, record)) {
      known.record = record;
      for (const list of known.lists) list.refresh(known);
      return;
    }
    if (known !== undefined) this.#leave(known);
    const posting: Posting = known ?? { record, lists: [], places: [] };
    posting.record = record;
    this.#byId.set(record.id, posting);
    this.#join(posting);
  }

  remove(id: string): ServiceRecord | undefined {
    const posting = this.#byId.get(id);
    if (posting === undefined) return undefined;
    this.#byId.delete(id);
    this.#leave(posting);
    return posting.record;
  }

  /** What answers a query, at most its limit, in no particular order. */
  find(query: CheckedQuery): ServiceRecord[] {
    if (query.types.length <= 1) return this.#findOfType(query, query.types[0], query.limit);
    const found: ServiceRecord[] = [];
    for (const type of query.types) {
      for (const record of this.#findOfType(query, type, query.limit - found.length)) found.push(record);
      if (found.length >= query.limit) break;
    }
    return found;
  }

  #findOfType(query: CheckedQuery, type: ServiceType | undefined, limit: number): ServiceRecord[] {
    const asked: PostingList[] = [];
    const ask = (lists: Map<string, PostingList>, key: string) => {
      const list = lists.get(key);
      if (list === undefined) return false;
      asked.push(list);
      return true;
    };
    if (type !== undefined && !ask(this.#lists.type, type)) return [];
    if (query.name !== undefined && !ask(this.#lists.name, query.name)) return [];
    for (const tag of query.tags) if (!ask(this.#lists.tag, tag)) return [];
    for (const capability of query.capabilities) if (!ask(this.#lists.capability, capability)) return [];

    const length = (list: PostingList) => (query.healthyOnly ? list.healthy : list.size);
    let shortest = this.#all;
    for (const list of asked) if (length(list) <= length(shortest)) shortest = list;
    const others = asked.filter((list) => list !== shortest);
    if (others.length === 0 && query.inRange === undefined && query.states === undefined) {
      return shortest.records(query.healthyOnly, limit);
    }
    const found: ServiceRecord[] = [];
    const end = length(shortest);
    for (let place = 0; place < end && found.length < limit; place++) {
      const { record, lists } = shortest.at(place);
      if (!others.every((list) => lists.includes(list))) continue;
      if (query.states !== undefined && !query.states.includes(record.state)) continue;
      if (query.inRange !== undefined && !query.inRange(record.version)) continue;
      found.push(record);
    }
    return found;
  }

  #join(posting: Posting): void {
    const { record } = posting;
    const join = (list: PostingList) => {
      posting.lists.push(list);
      list.add(posting);
    };
    join(this.#all);
    join(listOf(this.#lists.type, record.type));
    join(listOf(this.#lists.name, record.name));
    for (const tag of record.tags) join(listOf(this.#lists.tag, tag));
    for (const capability of record.capabilities) join(listOf(this.#lists.capability, capability));
  }

  #leave(posting: Posting): void {
    for (const list of posting.lists) list.remove(posting);
    posting.lists.length = 0;
    posting.places.length = 0;
    // A key that nobody has any more leaves nothing behind, or a stream of odd tags would fill the memory.
    const { record } = posting;
    dropIfEmpty(this.#lists.type, record.type);
    dropIfEmpty(this.#lists.name, record.name);
    for (const tag of record.tags) dropIfEmpty(this.#lists.tag, tag);
    for (const capability of record.capabilities) dropIfEmpty(this.#lists.capability, capability);
  }
}

function listOf(lists: Map<string, PostingList>, key: string): PostingList {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = new PostingList()));
  return list;
}

function dropIfEmpty(lists: Map<string, PostingList>, key: string): void {
  if (lists.get(key)?.size === 0) lists.delete(key);
}

function sameKeys(a: ServiceRecord, b: ServiceRecord): boolean {
  return (
    a.type === b.type &&
    a.name === b.name &&
    sameItems(a.tags, b.tags) &&
    sameItems(a.capabilities, b.capabilities)
  );
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i]));
}
