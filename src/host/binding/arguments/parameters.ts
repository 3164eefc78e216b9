import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { stem } from '../../discovery/text/stem.js';
import { stopWords } from '../../discovery/text/stop-words.js';
import { tokens } from '../../discovery/text/tokens.js';
import { nameParts, type NameParts } from './likeness.js';
import { requiredOf, resolve, typesOf } from './schema-node.js';

/** A place in a tool's arguments that a value can go to. */
export interface Parameter {
  /** From the root, one name per level. */
  readonly path: readonly string[];
  /** The path as a JSON Pointer (RFC 6901). */
  readonly pointer: string;
  readonly name: NameParts;
  /** The name with those of the objects around it. */
  readonly fullName: NameParts;
  readonly schema: JsonObject;
  /** Required, and so are all objects around it. */
  readonly required: boolean;
  /** Stems of the beginning of its description. */
  readonly hints: ReadonlySet<string>;
}

const maxDepth = 4;
const maxParameters = 200;
const longestHint = 160;

const known = new WeakMap<JsonObject, readonly Parameter[]>();

/** The parameters of a tool, those inside of objects too; worked out once per schema. */
export function parametersOf(root: JsonObject): readonly Parameter[] {
  const before = known.get(root);
  if (before !== undefined) return before;
  const found: Parameter[] = [];
  visit(root, root, [], true, found);
  known.set(root, found);
  return found;
}

function visit(
  schema: JsonObject,
  root: JsonObject,
  path: string[],
  required: boolean,
  found: Parameter[],
): void {
  const { properties } = schema;
  if (!isJsonObject(properties) || path.length >= maxDepth) return;
  const needed = new Set(requiredOf(schema));
  for (const [name, listed] of Object.entries(properties)) {
    if (found.length >= maxParameters) return;
    const own = resolve(listed, root);
    // Assigning to `__proto__` would set the prototype instead of a member.
    if (own === undefined || name === '__proto__') continue;
    const here = [...path, name];
    found.push({
      path: here,
      pointer: pointer(here),
      name: nameParts(name),
      fullName: nameParts(here.join(' ')),
      schema: listed as JsonObject,
      required: required && needed.has(name),
      hints: hintsOf(own),
    });
    if (typesOf(own).includes('object')) visit(own, root, here, required && needed.has(name), found);
  }
}

function hintsOf(schema: JsonObject): ReadonlySet<string> {
  const text: Json | undefined = schema['description'];
  if (typeof text !== 'string') return new Set();
  const words = tokens(text, longestHint).filter((token) => !stopWords.has(token));
  return new Set(words.map(stem));
}

/** A JSON Pointer (RFC 6901). */
export function pointer(path: readonly string[]): string {
  return path.map((name) => `/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}
