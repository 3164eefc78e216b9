import { relative } from 'node:path';
import type { Json, JsonObject, Random } from '../../core/index.js';
import { choicesIn, dateFormIn, examplesIn } from './described-values.js';
import { singular, wordsOf } from './field-words.js';
import { anyText, numberByName, textByFormat, textByName } from './realistic-values.js';
import { schemaLimits, typeOf } from './local-schema.js';
import type { Surroundings } from './surroundings.js';

/** A field that a value is looked for. */
export interface Field {
  /** Its own name; of an array's items the array's. */
  name: string;
  description: string;
  tool: { name: string; description: string };
}

const pathWords = new Set([
  'path',
  'file',
  'filename',
  'filepath',
  'dir',
  'directory',
  'folder',
  'cwd',
  'root',
  'workspace',
]);
const directoryWords = new Set([
  'dir',
  'directory',
  'folder',
  'cwd',
  'root',
  'workspace',
  'repo',
  'repository',
]);
const directoryPhrase = /\b(directory|repository|folder)\b/i;
const listingWords = new Set([
  'list',
  'directory',
  'folder',
  'tree',
  'search',
  'find',
  'glob',
  'grep',
  'git',
  'repo',
]);

/** True for a field that holds a path of a file system. */
export function isPathField(name: string): boolean {
  const words = wordsOf(name).map(singular);
  const last = words.at(-1);
  return last !== undefined && (pathWords.has(last) || /(file|dir)path$/.test(last));
}

/**
 * True for a field that says where a tool works: one directory. Servers often make it optional and then miss it, as
 * when it stands for a working directory that another tool should have set.
 */
export function isPlaceField(name: string, description: string, schema: JsonObject): boolean {
  if (!isPathField(name) || typeOf(schema) !== 'string' || /\brelative to\b/i.test(description)) return false;
  const words = wordsOf(name).map(singular);
  return words.some((word) => directoryWords.has(word)) || directoryPhrase.test(description);
}

/** Paths for a field, likely ones first: directories for what lists, files for what reads. */
export function pathCandidates(field: Field, { paths }: Surroundings): string[] {
  const words = wordsOf(field.name).map(singular);
  const toolWords = wordsOf(field.tool.name).map(singular);
  const says = `${field.description} ${field.name}`.toLowerCase();
  const directoryField =
    words.some((word) => directoryWords.has(word)) ||
    /\b(directory|repository|folder)\b/.test(field.description);
  const fileField = words.some((word) => word.startsWith('file'));
  const listing = toolWords.some((word) => listingWords.has(word));
  const files = fileField || (!directoryField && !listing);
  const [root] = paths.directories;
  if (root !== undefined && /\brelative to\b/.test(says) && fileField) {
    return paths.files.map((file) => relative(root, file)).filter((file) => !file.startsWith('..'));
  }
  return files ? [...paths.files, ...paths.directories] : [...paths.directories, ...paths.files];
}

function distinct(values: readonly Json[]): Json[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = JSON.stringify(value);
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

/** What the schema itself says a value may be: constant, enum, examples, default. */
export function declaredValues(schema: JsonObject): { closed: boolean; values: Json[] } {
  if (schema['const'] !== undefined) return { closed: true, values: [schema['const']] };
  const examples = Array.isArray(schema['examples']) ? schema['examples'] : [];
  const single = schema['example'] === undefined ? [] : [schema['example']];
  const preset = schema['default'] === undefined ? [] : [schema['default']];
  if (Array.isArray(schema['enum'])) {
    return { closed: true, values: distinct([...preset, ...examples, ...schema['enum']]) };
  }
  return { closed: false, values: distinct([...examples, ...single, ...preset]).slice(0, 8) };
}

/** Texts for a field, likely ones first, those that the lengths forbid left out or fitted. */
export function textCandidates(
  schema: JsonObject,
  field: Field,
  around: Surroundings,
  random: Random,
): string[] {
  const described = schema['format'] === undefined ? dateFormIn(field.description) : undefined;
  const format = typeof schema['format'] === 'string' ? schema['format'] : described;
  const formatted = format === undefined ? undefined : textByFormat(format, random);
  const named = textByName(field.name, random);
  const learnt = around
    .valuesFor(field.name, field.tool.name)
    .filter((value) => typeof value === 'string' || typeof value === 'number');
  const paths = isPathField(field.name) ? pathCandidates(field, around) : [];
  // A relative default of a path field, such as '.', means nothing to us when absolute ones are known.
  const preset = declaredValues(schema).values.filter((value) => typeof value === 'string');
  const all = [
    ...(paths.length === 0 ? preset : []),
    ...choicesIn(field.description),
    ...paths,
    ...(paths.length === 0 ? [] : preset),
    ...(formatted === undefined ? [] : [formatted]),
    ...learnt.map(String),
    ...examplesIn(field.description),
    ...(named === undefined ? [] : [named]),
    ...(gitRevision(field) ? ['HEAD'] : []),
    anyText(random),
  ];
  return distinct(formatted === undefined ? all : [formatted, ...all]).map((text) =>
    fitted(String(text), schema),
  );
}

function gitRevision({ name, description, tool }: Field): boolean {
  return (
    /\bgit\b/i.test(`${tool.name.replaceAll('_', ' ')} ${tool.description}`) &&
    /commit|revision|branch|\bref\b/i.test(`${name} ${description}`)
  );
}

/** Cut or padded to the lengths that the schema wants. */
function fitted(text: string, schema: JsonObject): string {
  const min =
    typeof schema['minLength'] === 'number' ? Math.min(schema['minLength'], schemaLimits.textLength) : 0;
  const max = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : Infinity;
  const padded = text.length < min ? text.padEnd(min, text === '' ? 'x' : text) : text;
  return padded.length > max ? padded.slice(0, max) : padded;
}

/** Numbers for a field, likely ones first, moved into the range that the schema allows. */
export function numberCandidates(
  schema: JsonObject,
  field: Field,
  around: Surroundings,
  random: Random,
  whole: boolean,
): number[] {
  const learnt = around
    .valuesFor(field.name, field.tool.name)
    .map((value) => (typeof value === 'string' ? Number(value) : value))
    .filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  const named = numberByName(field.name, random);
  const examples = examplesIn(field.description).map(Number).filter(Number.isFinite);
  const all = [...learnt, ...examples, ...(named === undefined ? [] : [named]), random.integer(1, 9), 1, 0];
  return distinct(all.map((value) => ranged(value, schema, whole))) as number[];
}

function ranged(value: number, schema: JsonObject, whole: boolean): number {
  const bound = (key: string) => (typeof schema[key] === 'number' ? schema[key] : undefined);
  const step = bound('multipleOf') ?? (whole ? 1 : undefined);
  const nudge = step ?? 0.001;
  const exclusiveMin = bound('exclusiveMinimum');
  const exclusiveMax = bound('exclusiveMaximum');
  const min = Math.max(
    bound('minimum') ?? -Infinity,
    exclusiveMin === undefined ? -Infinity : exclusiveMin + nudge,
  );
  const max = Math.min(
    bound('maximum') ?? Infinity,
    exclusiveMax === undefined ? Infinity : exclusiveMax - nudge,
  );
  const inside = Math.min(Math.max(value, min), max);
  if (step === undefined || step <= 0) return inside;
  const down = Math.floor(inside / step) * step;
  const stepped = down < min ? down + step : down;
  // 0.1 + 0.2 is not 0.3: as many digits as the step itself has.
  return Number(stepped.toPrecision(12));
}
