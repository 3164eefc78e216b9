import type { ErrorObject } from 'ajv';
import { isJsonObject, type Json } from '../../core/index.js';
import type { Checker } from '../arguments/index.js';
import type { DataSample } from './data-shape.js';
import { invalidArguments } from './invalid-arguments.js';
import { breachesOf } from './breaches.js';
import { nameOf, type Place } from './places.js';

/** Keywords whose error says that none of several schemas fits; the errors of those schemas say no more. */
const composites = new Set(['anyOf', 'oneOf', 'allOf', 'if', 'not', 'contains', 'propertyNames']);

/**
 * Arguments that the schema forbids, each for exactly one reason, which its name says: at every place what is just outside of
 * each bound, another type, something required left out, something unknown added. Which are wrong, and for how many reasons,
 * is told by ajv; formats, which are advice, aside. All of them are objects: arguments that are none break the protocol.
 *
 * @param most the kinds take turns until there are so many.
 */
export function invalidSamples(
  places: readonly Place[],
  checker: Pick<Checker, 'errors'>,
  most: number,
): DataSample[] {
  const found = new Map<string, DataSample>();
  const add = (args: Json, words: string | undefined): void => {
    if (!isJsonObject(args)) return;
    const fault = soleFault(checker.errors(args));
    if (fault === undefined) return;
    const name = words ?? `${nameOfPointer(fault.instancePath)} breaks '${fault.keyword}'`;
    // What is found without aim is wanted only where nothing else was.
    const key = words ?? `${fault.instancePath} ${fault.keyword}`;
    if (!found.has(key)) found.set(key, { shape: 'invalid', name, args, keyword: fault.keyword });
  };
  for (const place of places) {
    for (const { args, words } of breachesOf(place)) add(args, words);
  }
  const aimedAt = new Set([...found.values()].map(({ keyword }) => keyword));
  const [root] = places;
  for (const { args, keyword } of invalidArguments(root?.args ?? {}, checker as Checker)) {
    if (!aimedAt.has(keyword)) add(args, undefined);
  }
  return inTurns([...found.values()], most);
}

/** The one reason why arguments do not fit; undefined where there is none, or more than one. */
export function soleFault(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const grave = errors.filter(({ keyword }) => keyword !== 'format');
  const outer = grave.filter(({ keyword }) => composites.has(keyword));
  const own = grave.filter(
    (error) =>
      !outer.some((other) => other !== error && error.instancePath.startsWith(other.instancePath)) ||
      composites.has(error.keyword),
  );
  return own.length === 1 ? own[0] : undefined;
}

/** The kinds in turn, so that a few are of many kinds. */
function inTurns(samples: readonly DataSample[], most: number): DataSample[] {
  const kinds = new Map<string, DataSample[]>();
  for (const sample of samples) {
    const kind = sample.keyword ?? '';
    kinds.set(kind, [...(kinds.get(kind) ?? []), sample]);
  }
  const chosen: DataSample[] = [];
  for (let round = 0; chosen.length < Math.min(most, samples.length); round++) {
    for (const same of kinds.values()) {
      const sample = same[round];
      if (sample !== undefined && chosen.length < most) chosen.push(sample);
    }
  }
  return chosen;
}

function nameOfPointer(pointer: string): string {
  return nameOf(
    pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')),
  );
}
