import { isJsonObject, type Json, type JsonObject } from '../../core/index.js';
import { numberBounds, stepOf } from './number-bounds.js';
import { nameOf, typesOf, withoutValue, withValue, type Place } from './places.js';

/** Arguments with one thing wrong, in words. ajv tells whether they really are wrong. */
export interface Breach {
  args: JsonObject;
  words: string;
}

/** Longer texts and lists are not made to break a bound. */
const longest = { text: 1_000_000, list: 10_000 };

/** What an argument is called that no tool has. */
const unknownName = 'no_such_argument';

/** Values of another type than each, and how they are called. */
const others: Readonly<Record<string, readonly [words: string, value: Json][]>> = {
  string: [
    ['a number', 42],
    ['null', null],
    ['a list', ['x']],
    ['an object', { x: 1 }],
    ['true', true],
  ],
  number: [
    ['a text', 'many'],
    ['a number as text', '5'],
    ['null', null],
    ['a list', [5]],
    ['true', true],
  ],
  integer: [
    ['a fraction', 1.5],
    ['a text', 'many'],
    ['a number as text', '5'],
    ['null', null],
    ['true', true],
  ],
  boolean: [
    ['a text', 'maybe'],
    ['true as text', 'true'],
    ['a number', 2],
    ['null', null],
  ],
  array: [
    ['a text', 'x'],
    ['an object', { x: 1 }],
    ['null', null],
  ],
  object: [
    ['a text', 'x'],
    ['a list', []],
    ['null', null],
  ],
};

/** What can be done wrong at a place. */
export function* breachesOf(place: Place): Generator<Breach> {
  const { path, args, required } = place;
  const name = nameOf(path);
  if (path.length > 0) {
    if (required && typeof path.at(-1) === 'string')
      yield { args: withoutValue(args, path), words: `${name} missing` };
    for (const [words, value] of wrongTypes(place)) {
      yield { args: withValue(args, path, value), words: `${name} is ${words}` };
    }
  }
  for (const [words, value] of outOfBounds(place)) {
    yield { args: withValue(args, path, value), words: `${name} ${words}` };
  }
}

function wrongTypes({ schema, type }: Place): readonly [string, Json][] {
  const types = typesOf(schema);
  return types.length === 0 || type === undefined ? [] : (others[type] ?? []);
}

function outOfBounds(place: Place): [words: string, value: Json][] {
  const { schema, value } = place;
  const wrong: [string, Json][] = [];
  if (schema['const'] !== undefined || Array.isArray(schema['enum'])) {
    wrong.push([schema['const'] === undefined ? 'not in its enum' : 'not its const', another(value)]);
  } else if (typeof value === 'string') wrong.push(...wrongTexts(schema, value));
  else if (typeof value === 'number') wrong.push(...wrongNumbers(schema, value));
  else if (Array.isArray(value)) wrong.push(...wrongLists(schema, value));
  else if (isJsonObject(value)) {
    wrong.push([
      `with an unknown argument${place.path.length === 0 ? '' : ' in it'}`,
      { ...value, [unknownName]: 1 },
    ]);
  }
  return wrong;
}

function another(value: Json): Json {
  if (typeof value === 'string') return `${value} no such choice`;
  if (typeof value === 'number') return value + 1_000_003;
  return typeof value === 'boolean' ? !value : 'no such choice';
}

function bound(schema: JsonObject, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === 'number' ? value : undefined;
}

function wrongTexts(schema: JsonObject, value: string): [string, Json][] {
  const wrong: [string, Json][] = [];
  const min = bound(schema, 'minLength') ?? 0;
  const max = bound(schema, 'maxLength') ?? Infinity;
  // Lengths count characters, not UTF-16 units.
  const characters = [...value];
  if (min > 0) wrong.push([`shorter than minLength ${min}`, characters.slice(0, min - 1).join('')]);
  if (max < longest.text) {
    const filler = characters[0] ?? 'x';
    const more = filler.repeat(Math.max(0, Math.ceil(max) + 1 - characters.length));
    wrong.push([`longer than maxLength ${max}`, value + more]);
  }
  if (typeof schema['pattern'] === 'string') {
    for (const text of ['no such thing!', '\u00bf', 'x', '0', '']) wrong.push(['outside its pattern', text]);
  }
  return wrong;
}

function wrongNumbers(schema: JsonObject, value: number): [string, Json][] {
  const wrong: [string, Json][] = [];
  const { min, max } = numberBounds(schema);
  // Beside a large number a small step is none.
  const beyond = (end: number) => Math.max(stepOf(schema), Math.abs(end) * 2 ** -50);
  if (min !== undefined) {
    const below = min.exclusive ? min.value : min.value - beyond(min.value);
    wrong.push([`${min.exclusive ? 'at exclusiveMinimum' : 'below minimum'} ${min.value}`, below]);
  }
  if (max !== undefined) {
    const above = max.exclusive ? max.value : max.value + beyond(max.value);
    wrong.push([`${max.exclusive ? 'at exclusiveMaximum' : 'above maximum'} ${max.value}`, above]);
  }
  const multiple = bound(schema, 'multipleOf');
  if (multiple !== undefined && multiple > 0) {
    // A whole number stays one, or it would be of the wrong type instead.
    const off = Number.isInteger(multiple) ? 1 : multiple / 2;
    for (const each of [value + off, value - off]) wrong.push([`no multiple of ${multiple}`, each]);
  }
  return wrong;
}

function wrongLists(schema: JsonObject, value: readonly Json[]): [string, Json][] {
  const wrong: [string, Json][] = [];
  const min = bound(schema, 'minItems') ?? 0;
  const max = bound(schema, 'maxItems') ?? Infinity;
  const [item] = value;
  if (min > 0) wrong.push([`with less than minItems ${min}`, value.slice(0, min - 1)]);
  if (item === undefined) return wrong;
  if (max < longest.list) {
    const length = Math.floor(max) + 1;
    const items = Array.from({ length }, (_, index) => value[index] ?? distinct(item, index));
    wrong.push([`with more than maxItems ${max}`, items]);
  }
  if (schema['uniqueItems'] === true) wrong.push(['with the same item twice', [...value, item]]);
  return wrong;
}

/** An item like another, yet not the same. */
export function distinct(item: Json, index: number): Json {
  if (typeof item === 'string') return `${item}${index}`;
  return typeof item === 'number' ? item + index : item;
}
