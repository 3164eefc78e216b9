import { didYouMean, parseDuration, usageError, type JsonObject } from '../../core/index.js';

/** How the values of an option are written, checked and shown. `what` names the place in errors: `--rate`. */
export interface ValueType<T> {
  /** Stands for the value in help: `TIME`; empty for a flag that takes none. */
  readonly placeholder: string;
  /** The values that the config file may hold. */
  readonly schema: JsonObject;
  /** From a flag or an environment variable. */
  parse(text: string, what: string): T;
  /** From the config file, where values have types of their own. */
  read(value: unknown, what: string): T;
  /** As one would type it. */
  show(value: T): string;
}

/** A value in an error message: JSON, cut to a readable length. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function wrong(what: string, expected: string, value: unknown, hint?: string): Error {
  return usageError(`Expected ${what} to be ${expected}, got ${shown(value)}`, hint);
}

/** On or off; `--name` on the command line, `true`, `false`, `1`, `0`, `yes`, `no` in the environment. */
export const flag: ValueType<boolean> = {
  placeholder: '',
  schema: { type: 'boolean' },
  parse(text, what) {
    if (/^(1|true|yes|on)$/i.test(text)) return true;
    if (/^(0|false|no|off|)$/i.test(text)) return false;
    throw wrong(what, 'true or false', text);
  },
  read(value, what) {
    if (typeof value !== 'boolean') throw wrong(what, 'true or false', value);
    return value;
  },
  show: String,
};

/** What a number may be; both ends included. */
export interface NumberRange {
  min?: number;
  max?: number;
  placeholder?: string;
}

function expectNumber(
  value: number,
  range: NumberRange,
  whole: boolean,
  what: string,
  given: unknown,
): number {
  const { min = -Infinity, max = Infinity } = range;
  const kind = whole ? 'a whole number' : 'a number';
  const ends = max === Infinity ? (min === -Infinity ? '' : ` of at least ${min}`) : ` from ${min} to ${max}`;
  const fits = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!fits || value < min || value > max) throw wrong(what, kind + ends, given);
  return value;
}

function numeric(range: NumberRange, whole: boolean): ValueType<number> {
  return {
    placeholder: range.placeholder ?? 'N',
    schema: {
      type: whole ? 'integer' : 'number',
      ...(range.min === undefined ? {} : { minimum: range.min }),
      ...(range.max === undefined ? {} : { maximum: range.max }),
    },
    parse(text, what) {
      const trimmed = text.trim().replaceAll('_', '');
      // Number('') is 0 and Number('0x10') is 16: neither is what somebody meant to type here.
      const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : NaN;
      return expectNumber(value, range, whole, what, text);
    },
    read(value, what) {
      return expectNumber(typeof value === 'number' ? value : NaN, range, whole, what, value);
    },
    show: String,
  };
}

/** A whole number within a range. */
export const integer = (range: NumberRange = {}): ValueType<number> => numeric(range, true);

/** A number within a range. */
export const number = (range: NumberRange = {}): ValueType<number> => numeric(range, false);

function showDuration(ms: number): string {
  if (ms !== 0 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** A time such as `30s` or `1m30s`, in milliseconds; `0` is allowed without a unit where `min` is 0. */
export function duration(range: { min?: number; max?: number } = {}): ValueType<number> {
  const { min = 0, max = 30 * 24 * 3_600_000 } = range;
  const parse = (text: string, what: string): number => {
    const value = text.trim() === '0' ? 0 : parseDuration(text, what);
    if (value < min) throw wrong(what, `at least ${showDuration(min)}`, text);
    if (value > max) throw wrong(what, `at most ${showDuration(max)}`, text);
    return value;
  };
  return {
    placeholder: 'TIME',
    schema: { type: 'string', pattern: '^\\s*(0|(\\d+(\\.\\d+)?(us|µs|ms|min|s|m|h))+)\\s*$' },
    parse,
    read(value, what) {
      if (value === 0) return parse('0', what);
      if (typeof value !== 'string') throw wrong(what, "a duration such as '30s'", value);
      return parse(value, what);
    },
    show: showDuration,
  };
}

/** One of a fixed set of words. */
export function choice<const C extends string>(choices: readonly C[], placeholder?: string): ValueType<C> {
  const read = (value: unknown, what: string): C => {
    const found = choices.find((one) => one === value);
    if (found !== undefined) return found;
    const hint = typeof value === 'string' ? didYouMean(value, choices) : undefined;
    throw wrong(what, `one of ${choices.join(', ')}`, value, hint);
  };
  return {
    placeholder: placeholder ?? choices.join('|'),
    schema: { enum: [...choices] },
    parse: read,
    read,
    show: (value) => value,
  };
}

/** Any text; with a pattern, only text that matches, described by `expected`. */
export function text(placeholder: string, must?: { match: RegExp; expected: string }): ValueType<string> {
  const parse = (value: string, what: string): string => {
    if (must && !must.match.test(value)) throw wrong(what, must.expected, value);
    if (value === '') throw wrong(what, must?.expected ?? 'a text that is not empty', value);
    return value;
  };
  return {
    placeholder,
    schema: { type: 'string', ...(must ? { pattern: must.match.source } : { minLength: 1 }) },
    parse,
    read(value, what) {
      if (typeof value !== 'string') throw wrong(what, must?.expected ?? 'a text', value);
      return parse(value, what);
    },
    show: (value) => value,
  };
}

/** A value written as text that means something richer; `parse` throws a usage error that names `what`. */
export function written<T>(
  placeholder: string,
  parse: (text: string, what: string) => T,
  show: (value: T) => string,
  schema: JsonObject = { type: 'string' },
): ValueType<T> {
  return {
    placeholder,
    schema,
    parse,
    read(value, what) {
      if (typeof value === 'number') return parse(String(value), what);
      if (typeof value !== 'string') throw wrong(what, 'a text', value);
      return parse(value, what);
    },
    show,
  };
}

/** The type of an option that may be repeated. */
export interface ManyType<T> extends ValueType<T[]> {
  readonly one: ValueType<T>;
  /** Whether one flag may also hold several values, separated by commas. */
  readonly commas: boolean;
}

/**
 * An option that may be repeated. The environment separates values by commas (or holds a JSON array of texts, where
 * values hold commas themselves); the config file holds an array, or one value alone.
 */
export function many<T>(one: ValueType<T>, { commas = false } = {}): ManyType<T> {
  return {
    one,
    commas,
    placeholder: one.placeholder,
    schema: { oneOf: [one.schema, { type: 'array', items: one.schema }] },
    parse(list, what) {
      return splitList(list, what).map((item) => one.parse(item, what));
    },
    read(value, what) {
      if (!Array.isArray(value)) return [one.read(value, what)];
      return value.map((item: unknown, index) => one.read(item, `${what}[${index}]`));
    },
    show: (values) => values.map((value) => one.show(value)).join(', '),
  };
}

/** True for the type of an option that may be repeated. */
export function isMany(type: ValueType<never> | ManyType<never>): type is ManyType<never> {
  return 'one' in type;
}

function splitList(list: string, what: string): string[] {
  if (!list.trimStart().startsWith('[')) {
    return list
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(list);
  } catch (cause) {
    throw usageError(
      `Expected ${what} to be a list or a JSON array of texts, got ${shown(list)}`,
      undefined,
      cause,
    );
  }
  if (!Array.isArray(parsed) || !parsed.every((item) => typeof item === 'string')) {
    throw wrong(what, 'a JSON array of texts', list);
  }
  return parsed;
}
