import type { Json } from '../../core/index.js';
import type { Checker } from '../arguments/index.js';
import { distinct } from './breaches.js';
import type { DataSample } from './data-shape.js';
import { numberBounds, stepOf } from './number-bounds.js';
import { isClosed, nameOf, typesOf, withValue, type Place } from './places.js';

/** Beyond it an upper end is no edge that one would try. */
const longest = { text: 1_000_000, list: 10_000 };
const mostChoices = 20;

/** Arguments at the edges that the schema draws, one edge each: ends of ranges, lengths and lists, every choice. */
export function boundarySamples(
  places: readonly Place[],
  checker: Pick<Checker, 'errors'>,
  most: number,
): DataSample[] {
  const found: DataSample[] = [];
  for (const place of places) {
    for (const { name, value } of edgesOf(place)) {
      if (found.length >= most) return found;
      const args = withValue(place.args, place.path, value);
      if (checker.errors(args).length > 0) continue;
      found.push({ shape: 'boundary', name: `${nameOf(place.path)} = ${name}`, args });
    }
  }
  return found;
}

interface Edge {
  name: string;
  value: Json;
}

function edgesOf({ schema, type, value, path }: Place): Edge[] {
  if (path.length === 0) return [];
  if (Array.isArray(schema['enum'])) {
    return (schema['enum'] as Json[]).slice(0, mostChoices).map((choice, index) => ({
      name: `choice ${index + 1} of ${(schema['enum'] as Json[]).length}`,
      value: choice,
    }));
  }
  if (isClosed(schema)) return [];
  const edges: Edge[] = [];
  if (typesOf(schema).includes('null') && type !== 'null') edges.push({ name: 'null', value: null });
  if (type === 'boolean') edges.push({ name: 'false', value: false }, { name: 'true', value: true });
  else if (typeof value === 'number') edges.push(...numberEdges(schema));
  else if (typeof value === 'string') edges.push(...textEdges(schema, value));
  else if (Array.isArray(value)) edges.push(...listEdges(schema, value));
  return edges;
}

function numberEdges(schema: Place['schema']): Edge[] {
  const { min, max } = numberBounds(schema);
  const step = stepOf(schema);
  const edges: Edge[] = [];
  const multiple = schema['multipleOf'];
  // With multipleOf the edge is the outermost multiple inside the range.
  const inwards = (end: number, by: number) =>
    typeof multiple !== 'number'
      ? end
      : Number(
          ((by > 0 ? Math.ceil(end / multiple) : Math.floor(end / multiple)) * multiple).toPrecision(15),
        );
  for (const [end, word, by] of [
    [min, 'Minimum', step],
    [max, 'Maximum', -step],
  ] as const) {
    if (end === undefined) continue;
    const name = end.exclusive
      ? `just inside exclusive${word} ${end.value}`
      : `${word.toLowerCase()} ${end.value}`;
    edges.push({ name, value: inwards(end.exclusive ? end.value + by : end.value, by) });
  }
  if (typeof multiple === 'number' && edges.length === 0)
    edges.push({ name: `one multipleOf ${multiple}`, value: multiple });
  return edges;
}

function textEdges(schema: Place['schema'], value: string): Edge[] {
  const edges: Edge[] = [];
  const { minLength, maxLength } = schema;
  const characters = [...value];
  const filled = (length: number) =>
    characters.slice(0, length).join('') +
    (characters[0] ?? 'x').repeat(Math.max(0, length - characters.length));
  if (typeof minLength === 'number' && minLength <= longest.text) {
    edges.push({ name: `minLength ${minLength}`, value: filled(minLength) });
  } else if (minLength === undefined) edges.push({ name: 'an empty text', value: '' });
  if (typeof maxLength === 'number' && maxLength <= longest.text) {
    edges.push({ name: `maxLength ${maxLength}`, value: filled(maxLength) });
  }
  return edges;
}

function listEdges(schema: Place['schema'], value: readonly Json[]): Edge[] {
  const edges: Edge[] = [];
  const { minItems, maxItems } = schema;
  const [item] = value;
  const filled = (length: number) =>
    Array.from({ length }, (_, index) => value[index] ?? distinct(item ?? null, index));
  if (typeof minItems === 'number' && minItems <= longest.list && (item !== undefined || minItems === 0)) {
    edges.push({ name: `minItems ${minItems}`, value: filled(minItems) });
  } else if (minItems === undefined) edges.push({ name: 'an empty list', value: [] });
  if (typeof maxItems === 'number' && maxItems <= longest.list && item !== undefined) {
    edges.push({ name: `maxItems ${maxItems}`, value: filled(maxItems) });
  }
  return edges;
}
