import type { Json, JsonObject } from '../../core/index.js';
import type { Checker } from '../arguments/index.js';
import { isJsonObject } from '../../core/index.js';
import type { DataSample } from './data-shape.js';
import { isClosed, placesOf, withoutValue, withValue, type Place } from './places.js';

/** The least that a tool must take: only what is required, and that as short as the schema allows. */
export function smallSamples(
  schema: JsonObject,
  args: JsonObject,
  checker: Pick<Checker, 'errors'>,
): DataSample[] {
  const fits = (candidate: JsonObject) => checker.errors(candidate).length === 0;
  let required = args;
  // The innermost first: an object may go once it is empty.
  for (const { path } of [...placesOf(schema, args, args, checker)].reverse()) {
    if (path.length === 0 || typeof path.at(-1) === 'number') continue;
    const less = withoutValue(required, path);
    if (fits(less)) required = less;
  }
  let shortest = required;
  for (const place of placesOf(schema, required, required, checker)) {
    for (const value of shorter(place)) {
      const less = withValue(shortest, place.path, value);
      if (!fits(less)) continue;
      shortest = less;
      break;
    }
  }
  const samples: DataSample[] = [{ shape: 'small', name: 'the shortest values', args: shortest }];
  if (JSON.stringify(shortest) !== JSON.stringify(required)) {
    samples.push({ shape: 'small', name: 'only what is required', args: required });
  }
  return samples;
}

/** Values to try in place of another, the shortest first. */
function shorter({ schema, value, path }: Place): Json[] {
  if (path.length === 0) return [];
  if (isClosed(schema)) {
    const choices = Array.isArray(schema['enum']) ? (schema['enum'] as Json[]) : [];
    return byLength(choices.slice(0, 1000)).filter((choice) => length(choice) < length(value));
  }
  if (typeof value === 'string') {
    const least = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0;
    const characters = [...value];
    return least >= characters.length
      ? []
      : [
          characters.slice(0, least).join(''),
          'a'.repeat(least),
          characters.slice(0, Math.max(1, least)).join(''),
          'a',
          '0',
        ];
  }
  if (typeof value === 'number') {
    const ends = [schema['minimum'], schema['maximum'], schema['multipleOf']];
    const numbers = [0, 1, ...ends.filter((end) => typeof end === 'number')];
    return byLength(numbers).filter((number) => length(number) < length(value));
  }
  if (Array.isArray(value)) {
    const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0;
    return least < value.length ? [value.slice(0, least), value.slice(0, 1)] : [];
  }
  return isJsonObject(value) && Object.keys(value).length > 0 ? [{}] : [];
}

const length = (value: Json): number => JSON.stringify(value).length;

function byLength(values: readonly Json[]): Json[] {
  return [...values].sort((a, b) => length(a) - length(b));
}
