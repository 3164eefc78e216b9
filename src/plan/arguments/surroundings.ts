import type { Json } from '../../core/index.js';
import { isJsonObject } from '../../core/index.js';
import { singular, wordsOf } from './field-words.js';

/** Bounds on what is learnt of one answer, and of one name. */
const limits = { nodes: 2000, text: 200_000, lines: 400, perName: 8 };

/** Places in a file system that a server can be asked for. */
export interface KnownPaths {
  /** Absolute. */
  directories: string[];
  /** Absolute, readable, small. */
  files: string[];
}

/**
 * What is known of the world behind a server: places named by its start command, and values that its own answers gave
 * (an `id` of a listed item is good for getting it).
 */
export class Surroundings {
  readonly paths: KnownPaths;
  readonly #values = new Map<string, Json[]>();

  constructor(paths: Partial<KnownPaths> = {}) {
    this.paths = { directories: [...(paths.directories ?? [])], files: [...(paths.files ?? [])] };
  }

  /** Values that answers gave for a field of this name, the most telling name first. */
  valuesFor(field: string, tool: string): Json[] {
    const words = wordsOf(field).map(singular);
    const last = words.at(-1);
    if (last === undefined) return [];
    const names = [words.join('_')];
    // `get_item {id}` wants what `list_items` gave as id; `get_item {item}` may want its id or its name.
    const nouns = wordsOf(tool).map(singular).slice(1);
    if (words.length === 1) {
      for (const noun of nouns) names.push(`${noun}_${last}`);
      names.push(`${last}_id`, `${last}_name`);
    }
    return names.flatMap((name) => this.#values.get(name) ?? []);
  }

  /** Learns from the answer of a tool: structured content, and texts that are JSON or name things. */
  learn(tool: string, structured: Json | undefined, texts: readonly string[]): void {
    const noun = wordsOf(tool).map(singular).slice(1).join('_');
    const budget = { nodes: limits.nodes };
    if (structured !== undefined) this.#learnJson(structured, noun, budget);
    for (const text of texts) {
      if (text.length > limits.text) continue;
      const json = parsed(text);
      if (json !== undefined) this.#learnJson(json, noun, budget);
      else this.#learnLines(text, tool);
    }
  }

  #learnJson(value: Json, parent: string, budget: { nodes: number }): void {
    if (budget.nodes-- <= 0) return;
    if (Array.isArray(value)) {
      for (const item of value) {
        if (typeof item === 'object') this.#learnJson(item, parent, budget);
        else this.#keep(parent, item);
      }
      return;
    }
    if (!isJsonObject(value)) return;
    for (const [key, item] of Object.entries(value)) {
      const name = wordsOf(key).map(singular).join('_');
      if (typeof item === 'object' && item !== null) this.#learnJson(item, name, budget);
      else {
        this.#keep(name, item);
        if (parent !== '') this.#keep(`${parent}_${name}`, item);
      }
    }
  }

  #learnLines(text: string, tool: string): void {
    const aboutDirectories = wordsOf(tool).map(singular).includes('directory');
    for (const line of text.split('\n', limits.lines)) {
      const path = /^\s*(\/[^\0:*?"<>|]{1,500}?)\s*$/.exec(line)?.[1];
      if (path !== undefined && aboutDirectories) this.#addPath(this.paths.directories, path);
      const named = /^\W*([A-Za-z][\w ]{0,40}?)\s*[:=]\s*(\S{1,200})\s*$/.exec(line);
      if (named) this.#keep(wordsOf(named[1]!).map(singular).join('_'), named[2]!);
    }
  }

  #addPath(list: string[], path: string): void {
    if (!list.includes(path) && list.length < limits.perName) list.push(path);
  }

  #keep(name: string, value: Json): void {
    if (name === '' || value === null || value === '' || typeof value === 'boolean') return;
    if (typeof value === 'string' && value.length > 300) return;
    const values = this.#values.get(name) ?? [];
    if (values.length >= limits.perName || values.includes(value)) return;
    values.push(value);
    this.#values.set(name, values);
  }
}

function parsed(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
