import { didYouMean, usageError, type Json, type JsonObject, type Random } from '../../core/index.js';
import { anySentence, anyText, textByFormat, textByName, uuid } from './realistic-values.js';

/** What templates draw from. */
export interface TemplateContext {
  /** Which set of arguments this is, from 0. */
  index: number;
  random: Random;
  /** Wall-clock time, ms since the epoch. */
  now: number;
  /** What setup calls kept. */
  saved: ReadonlyMap<string, Json>;
}

type Fill = (args: readonly string[], context: TemplateContext, place: string) => Json;

function numberOf(
  args: readonly string[],
  index: number,
  preset: number,
  place: string,
  what: string,
): number {
  const text = args[index];
  if (text === undefined) return preset;
  const value = Number(text);
  if (!Number.isFinite(value))
    throw usageError(`Expected the ${what} of ${place} to be a number, got '${text}'`);
  return value;
}

const named =
  (name: string): Fill =>
  (_args, { random }) =>
    textByName(name, random) ?? anyText(random);

const fills: Record<string, Fill> = {
  seq: (args, { index }, place) => numberOf(args, 0, 1, place, 'start') + index,
  uuid: (_args, { random }) => uuid(random),
  pick: (args, { random }, place) => {
    if (args.length === 0)
      throw usageError(`Expected ${place} to name what to pick from, as in {{pick a b}}`);
    return random.pick(args);
  },
  int: (args, { random }, place) => {
    const min = numberOf(args, 0, 1, place, 'first number');
    const max = numberOf(args, 1, 100, place, 'second number');
    if (min > max) throw usageError(`Expected the first number of ${place} to be the smaller one`);
    return random.integer(min, max);
  },
  float: (args, { random }, place) => {
    const min = numberOf(args, 0, 0, place, 'first number');
    const max = numberOf(args, 1, 1, place, 'second number');
    return Number((min + random.next() * (max - min)).toFixed(6));
  },
  bool: (_args, { random }) => random.next() < 0.5,
  string: (args, { random }, place) => {
    const length = numberOf(args, 0, 16, place, 'length');
    if (length < 0 || length > 1_000_000)
      throw usageError(`Expected the length of ${place} to be from 0 to 1000000`);
    return Array.from({ length }, () => random.integer(0, 35).toString(36)).join('');
  },
  now: (args, { now }, place) => {
    if (args[0] === undefined) return new Date(now).toISOString();
    if (args[0] === 'ms') return now;
    if (args[0] === 's') return Math.floor(now / 1000);
    throw usageError(`Expected ${place} to be {{now}}, {{now ms}} or {{now s}}`);
  },
  today: (_args, { now }) => new Date(now).toISOString().slice(0, 10),
  date: (_args, { random }) => textByFormat('date', random)!,
  datetime: (_args, { random }) => textByFormat('date-time', random)!,
  email: named('email'),
  name: named('full name'),
  city: named('city'),
  country: named('country'),
  phone: named('phone'),
  url: named('url'),
  word: (_args, { random }) => anyText(random),
  sentence: (_args, { random }) => anySentence(random),
  saved: (args, { saved }, place) => {
    const [name] = args;
    const value = name === undefined ? undefined : saved.get(name);
    if (value !== undefined) return value;
    throw usageError(
      `${place} names nothing that a setup call kept`,
      didYouMean(name ?? '', saved.keys()) ??
        "Keep it with save: { name: 'structuredContent.id' } in a setup call.",
    );
  },
};

/** The names that `{{…}}` knows. */
export const templateNames: readonly string[] = Object.keys(fills);

const template = /\{\{\s*([a-z]+)((?:\s+(?:"[^"]*"|[^\s{}"]+))*)\s*\}\}/gi;
const anyBraces = /\{\{[^}]*\}\}/;

/** True where a value holds a template somewhere. */
export function hasTemplate(value: Json): boolean {
  if (typeof value === 'string') return anyBraces.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return (Array.isArray(value) ? value : Object.values(value)).some(hasTemplate);
}

/**
 * Fills the templates in arguments. A text that is one template alone becomes what the template gives, a number for
 * `{{seq}}`; within other text it is written out.
 *
 * @throws DynoError (104) for a template that does not exist (with the nearest one) or wrong parameters.
 */
export function fillTemplates(args: JsonObject, context: TemplateContext): JsonObject {
  return fill(args, context) as JsonObject;
}

function fill(value: Json, context: TemplateContext): Json {
  if (typeof value === 'string') return fillText(value, context);
  if (Array.isArray(value)) return value.map((item) => fill(item, context));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, context)]));
}

function fillText(text: string, context: TemplateContext): Json {
  if (!anyBraces.test(text)) return text;
  const alone = new RegExp(`^${template.source}$`, 'i').exec(text);
  if (alone) return apply(alone, context);
  const filled = text.replace(template, (...match: unknown[]) => {
    const value = apply(match as string[], context);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  const left = anyBraces.exec(filled)?.[0];
  if (left !== undefined && text.includes(left)) {
    throw usageError(
      `Expected a template such as {{seq}} or {{pick a b}}, got '${left}'`,
      `There are: ${templateNames.join(', ')}.`,
    );
  }
  return filled;
}

function apply(match: readonly string[], context: TemplateContext): Json {
  const [place, name, rest] = match;
  const found = Object.hasOwn(fills, name!.toLowerCase()) ? fills[name!.toLowerCase()] : undefined;
  if (!found) {
    throw usageError(
      `There is no template '${place!}'`,
      didYouMean(name!, templateNames) ?? `There are: ${templateNames.join(', ')}.`,
    );
  }
  const args = [...(rest ?? '').matchAll(/"([^"]*)"|(\S+)/g)].map((arg) => arg[1] ?? arg[2]!);
  return found(args, context, place!);
}
