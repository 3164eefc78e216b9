import { usageError } from '../../core/index.js';
import { shown } from '../shown.js';
import { checkText, checkType } from './registration.js';
import { serviceStates, type ServiceRecord, type ServiceState, type ServiceType } from './service.js';
import { versionRange } from './version-range.js';

/** What to look for; every field given must hold. */
export interface ServiceQuery {
  name?: string | undefined;
  /** One type, or any of several. */
  type?: ServiceType | readonly ServiceType[] | undefined;
  /** Tags that a service must have, all of them. */
  tags?: string | readonly string[] | undefined;
  /** Capabilities that a service must have, all of them. */
  capabilities?: string | readonly string[] | undefined;
  /** A version range in npm's grammar, such as `^1.2`. */
  version?: string | undefined;
  /** Only services whose state is `healthy`. Circuit breakers are not looked at. Default false. */
  healthyOnly?: boolean | undefined;
  /** Only services in one of these states; not together with `healthyOnly`. */
  states?: readonly ServiceState[] | undefined;
  /**
   * With `healthyOnly`: when no match is healthy, the matches whose lease ran out instead of an empty list. They are
   * told by their state, `expired`. Default false.
   */
  staleIfNone?: boolean | undefined;
  /** At most this many; default all. */
  limit?: number | undefined;
}

/** A query that was checked, in the form in which the index wants it. */
export interface CheckedQuery {
  name: string | undefined;
  types: readonly ServiceType[];
  tags: readonly string[];
  capabilities: readonly string[];
  inRange: ((version: string) => boolean) | undefined;
  healthyOnly: boolean;
  states: readonly ServiceState[] | undefined;
  staleIfNone: boolean;
  limit: number;
}

const fields = new Set([
  'name',
  'type',
  'tags',
  'capabilities',
  'version',
  'healthyOnly',
  'states',
  'staleIfNone',
  'limit',
]);
const none: readonly never[] = [];

/**
 * Checks a query.
 *
 * @throws DynoError (104) that names the field which is wrong; a field that is not known is wrong too, since ignoring
 *   it would find too much.
 */
export function checkQuery(query: ServiceQuery): CheckedQuery {
  for (const field in query) {
    if (!fields.has(field)) {
      throw usageError(`A service query has no field ${shown(field)}`, `It has ${[...fields].join(', ')}.`);
    }
  }
  if (query.healthyOnly === true && query.states !== undefined) {
    throw usageError('A service query takes healthyOnly or states, not both');
  }
  return {
    name: query.name === undefined ? undefined : checkText(query.name, 'the name in a query', 200),
    types: checkTypes(query.type),
    tags: checkKeys(query.tags, 'tags'),
    capabilities: checkKeys(query.capabilities, 'capabilities'),
    inRange: query.version === undefined ? undefined : versionRange(query.version),
    healthyOnly: query.healthyOnly === true,
    states: query.states === undefined ? undefined : checkStates(query.states),
    staleIfNone: query.staleIfNone === true,
    limit: checkLimit(query.limit),
  };
}

/** Whether a record answers a query, its limit aside. */
export function answers(record: ServiceRecord, query: CheckedQuery): boolean {
  return (
    (query.name === undefined || record.name === query.name) &&
    (query.types.length === 0 || query.types.includes(record.type)) &&
    query.tags.every((tag) => record.tags.includes(tag)) &&
    query.capabilities.every((capability) => record.capabilities.includes(capability)) &&
    (!query.healthyOnly || record.state === 'healthy') &&
    (query.states === undefined || query.states.includes(record.state)) &&
    (query.inRange === undefined || query.inRange(record.version))
  );
}

function checkTypes(type: ServiceQuery['type']): readonly ServiceType[] {
  if (type === undefined) return none;
  const types = typeof type === 'object' ? type : [type];
  for (const one of types) checkType(one, 'the type in a query');
  return types.length > 1 ? [...new Set(types)] : types;
}

function checkKeys(keys: string | readonly string[] | undefined, what: string): readonly string[] {
  if (keys === undefined) return none;
  const list = typeof keys === 'string' ? [keys] : keys;
  if (!Array.isArray(list) || list.length > 64) {
    throw usageError(`Expected the ${what} in a query to be at most 64 texts, got ${shown(keys)}`);
  }
  for (const key of list as readonly unknown[]) {
    if (typeof key !== 'string') {
      throw usageError(`Expected the ${what} in a query to be texts, got ${shown(key)}`);
    }
  }
  return (list as readonly string[]).map((key) => key.normalize('NFC'));
}

function checkStates(states: readonly ServiceState[]): readonly ServiceState[] {
  for (const state of states) {
    if (!serviceStates.includes(state)) {
      throw usageError(
        `Expected the states in a query to be of ${serviceStates.join(', ')}, got ${shown(state)}`,
      );
    }
  }
  return states;
}

function checkLimit(limit: number | undefined): number {
  if (limit === undefined) return Infinity;
  if (!Number.isInteger(limit) || limit < 1) {
    throw usageError(`Expected the limit of a query to be a whole number from 1, got ${shown(limit)}`);
  }
  return limit;
}
