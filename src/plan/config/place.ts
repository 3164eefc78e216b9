import { didYouMean, isJsonObject, usageError, type Json, type JsonObject } from '../../core/index.js';
import { shown } from '../options/index.js';
import type { ConfigPath, ConfigSource } from './config-source.js';

/** Deeper than anything that somebody writes. */
const maxDepth = 100;

/** A place in a config file that is being read: it names itself in errors. */
export class Place {
  readonly #source: ConfigSource;
  readonly path: ConfigPath;

  constructor(source: ConfigSource, path: ConfigPath = []) {
    this.#source = source;
    this.path = path;
  }

  /** A key or an index further in. */
  at(...steps: (string | number)[]): Place {
    return new Place(this.#source, [...this.path, ...steps]);
  }

  /** `tools.echo.weight in dyno.config.json:7`. */
  get name(): string {
    const path = this.path
      .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
      .join('');
    return `${path === '' ? 'the config' : path} in ${this.#source.placeOf(this.path)}`;
  }

  /** Throws that something else was expected here. */
  expected(what: string, got: unknown): never {
    throw usageError(`Expected ${this.name} to be ${what}, got ${shown(got)}`);
  }

  /** The object here, all its keys known. */
  object(value: unknown, known: readonly string[]): Record<string, unknown> {
    const object = this.record(value);
    for (const key of Object.keys(object)) {
      if (known.includes(key)) continue;
      const some = `Known here: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : '.'}`;
      throw usageError(`${this.at(key).name} is no known key`, didYouMean(key, known) ?? some);
    }
    return object;
  }

  /** The object here, with whatever keys. */
  record(value: unknown): Record<string, unknown> {
    if (!isJsonObject(value)) this.expected('an object', value);
    return value;
  }

  /** The array here. */
  array(value: unknown): unknown[] {
    if (!Array.isArray(value)) this.expected('an array', value);
    return value as unknown[];
  }

  /** A text that is not empty. */
  text(value: unknown): string {
    if (typeof value !== 'string' || value === '') this.expected('a text that is not empty', value);
    return value;
  }

  /** A text, also an empty one. */
  string(value: unknown): string {
    if (typeof value !== 'string') this.expected('a text', value);
    return value;
  }

  /** True or false. */
  flag(value: unknown): boolean {
    if (typeof value !== 'boolean') this.expected('true or false', value);
    return value;
  }

  /** A whole number. */
  integer(value: unknown): number {
    if (typeof value !== 'number' || !Number.isInteger(value)) this.expected('a whole number', value);
    return value;
  }

  /** A number, `min` or more. */
  number(value: unknown, min: number): number {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < min) {
      this.expected(`a number of at least ${min}`, value);
    }
    return value;
  }

  /** An object whose values are texts. */
  texts(value: unknown): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.record(value)).map(([key, item]) => [key, this.at(key).string(item)]),
    );
  }

  /** JSON data: what a module exports may hold functions, dates and cycles, which nobody could send. */
  json(value: unknown, depth = 0): Json {
    if (depth > maxDepth) this.expected(`at most ${maxDepth} levels deep`, '…');
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (Array.isArray(value)) return value.map((item, index) => this.at(index).json(item, depth + 1));
    const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
    // A config evaluated by jiti may come from another realm, so its Object is not ours; its prototype's prototype is null.
    const plain =
      prototype === null || (prototype !== undefined && Object.getPrototypeOf(prototype) === null);
    if (!plain) this.expected('JSON', typeof value === 'function' ? 'a function' : value);
    return this.jsonObject(value, depth);
  }

  /** A JSON object. */
  jsonObject(value: unknown, depth = 0): JsonObject {
    return Object.fromEntries(
      Object.entries(this.record(value))
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, this.at(key).json(item, depth + 1)]),
    );
  }
}
