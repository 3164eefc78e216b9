import type { Json, JsonObject } from './json.js';
import { usageError } from './errors.js';

/** Deeper than any configuration; keeps hostile input from exhausting the stack. */
const maxDepth = 200;

/** Where a text stopped being JSON, and what was expected there. */
class JsoncError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads JSON with comments and trailing commas, as editors' configuration files have them (VS Code's "JSONC"); a byte
 * order mark is ignored. Of equal keys the last counts, as in `JSON.parse`.
 *
 * @param file named in errors.
 * @throws DynoError (104) with file, line, column and what was expected.
 */
export function parseJsonc(text: string, file: string): Json {
  try {
    return new Reader(text).document();
  } catch (error) {
    if (!(error instanceof JsoncError)) throw error;
    const before = text.slice(0, error.at).split('\n');
    const place = `${file}:${before.length}:${before.at(-1)!.length + 1}`;
    throw usageError(`${place}: ${error.message}`);
  }
}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.startsWith('\ufeff')) this.#at = 1;
  }

  document(): Json {
    const value = this.#value();
    this.#blank();
    if (this.#at < this.#text.length) this.#fail('Expected the end of the file');
    return value;
  }

  #value(): Json {
    this.#blank();
    const char = this.#text[this.#at];
    if (char === '{') return this.#nested(() => this.#object());
    if (char === '[') return this.#nested(() => this.#array());
    if (char === '"') return this.#string();
    return this.#word();
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth) this.#fail(`Expected at most ${maxDepth} levels of nesting`);
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): JsonObject {
    const object: JsonObject = {};
    for (;;) {
      this.#blank();
      if (this.#take('}')) return object;
      if (this.#text[this.#at] !== '"') this.#fail('Expected a key in double quotes or }');
      const key = this.#string();
      this.#blank();
      if (!this.#take(':')) this.#fail('Expected : after the key');
      // A plain assignment to __proto__ would change the prototype instead.
      Object.defineProperty(object, key, {
        value: this.#value(),
        enumerable: true,
        writable: true,
        configurable: true,
      });
      this.#blank();
      if (this.#take(',')) continue;
      if (this.#take('}')) return object;
      this.#fail('Expected , or } after the value');
    }
  }

  #array(): Json[] {
    const array: Json[] = [];
    for (;;) {
      this.#blank();
      if (this.#take(']')) return array;
      array.push(this.#value());
      this.#blank();
      if (this.#take(',')) continue;
      if (this.#take(']')) return array;
      this.#fail('Expected , or ] after the value');
    }
  }

  #string(): string {
    const token = /"(?:[^"\\\n]|\\[^\n])*"/y;
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[0];
    if (found === undefined) this.#fail('Expected a closing " on the same line');
    const value = this.#native(found, 'Expected a string without control characters or unknown escapes');
    this.#at += found.length;
    return value as string;
  }

  #word(): Json {
    const token = /[^\s,:[\]{}"/]+/y;
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[0];
    if (found === undefined) this.#fail('Expected a value');
    const value = this.#native(found, `Expected a value, got '${found.slice(0, 40)}'`);
    this.#at += found.length;
    return value;
  }

  #native(token: string, message: string): Json {
    try {
      return JSON.parse(token) as Json;
    } catch {
      return this.#fail(message);
    }
  }

  #blank(): void {
    const token = /(?:[ \t\r\n]+|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
    token.lastIndex = this.#at;
    this.#at += token.exec(this.#text)![0].length;
    if (this.#text.startsWith('/*', this.#at)) this.#fail('Expected the end of the comment (*/)');
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #fail(message: string): never {
    const ends = this.#at >= this.#text.length ? ', got the end of the file' : '';
    throw new JsoncError(message + ends, this.#at);
  }
}
