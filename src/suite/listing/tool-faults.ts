import { messageOf } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import { checkerFor } from '../../plan/arguments/index.js';
import type { CatalogueTool } from '../../plan/catalogue.js';

/** Longer names are cut or refused by some model APIs. */
const longestName = 64;

/** What is wrong about a tool, and what would be better otherwise; a short sentence each, fit to be shown. */
export interface ToolFaults {
  /** A host cannot use the tool rightly, or the specification forbids it. */
  faults: string[];
  advice: string[];
}

/**
 * Looks at one tool of a catalogue.
 *
 * @param compile whether to compile its schemas too, which takes about a millisecond
 */
export async function toolFaults(tool: CatalogueTool, compile: boolean): Promise<ToolFaults> {
  const faults: string[] = [];
  const advice: string[] = [];
  if (!/^[a-zA-Z0-9_.-]{1,128}$/.test(tool.name))
    advice.push('its name has characters that the specification advises against');
  if (tool.name.length > longestName) advice.push(`its name is longer than ${longestName} characters`);
  // The server's own words: a description may be anything.
  if (typeof tool.description !== 'string' || tool.description.trim() === '')
    advice.push('it has no description');
  if (tool.inputSchema['type'] !== 'object') faults.push("inputSchema has no type 'object'");
  for (const [name, schema] of [
    ['inputSchema', tool.inputSchema],
    ['outputSchema', tool.outputSchema],
  ] as const) {
    if (schema === undefined) continue;
    if (!isJsonObject(schema)) {
      faults.push(`${name} is no object`);
      continue;
    }
    const found = schemaFaults(schema, name);
    faults.push(...found.faults);
    advice.push(...found.advice);
    if (!compile) continue;
    await checkerFor(schema).catch((error: unknown) => {
      faults.push(`${name}: ${printableLine(messageOf(error), 160)}`);
    });
  }
  if (tool.annotations?.readOnlyHint === undefined)
    advice.push('it has no readOnlyHint, so it counts as destructive');
  return { faults: faults.map(shown), advice: advice.map(shown) };
}

/** Names of arguments are the server's own text. */
function shown(sentence: string): string {
  return printableLine(sentence, 200);
}

function schemaFaults(schema: JsonObject, name: string): { faults: Set<string>; advice: Set<string> } {
  const faults = new Set<string>();
  const advice = new Set<string>();
  const { properties, required } = schema;
  const known = isJsonObject(properties) ? Object.keys(properties) : [];
  for (const one of Array.isArray(required) ? required : []) {
    if (typeof one === 'string' && !known.includes(one))
      advice.add(`${name} requires '${one}', which it does not describe`);
  }
  let undescribed = 0;
  for (const property of isJsonObject(properties) ? Object.values(properties) : []) {
    if (isJsonObject(property) && property['description'] === undefined) undescribed++;
  }
  if (undescribed > 0 && name === 'inputSchema') {
    advice.add(`${undescribed} of ${known.length} arguments have no description`);
  }
  visit(schema, (part) => {
    const reference = part['$ref'];
    if (typeof reference === 'string' && !reference.startsWith('#'))
      faults.add(`${name} refers to the network ($ref)`);
    const { pattern } = part;
    if (typeof pattern === 'string' && !isPattern(pattern))
      advice.add(`${name} has a pattern that is no regular expression of JavaScript`);
  });
  return { faults, advice };
}

function visit(value: Json, look: (part: JsonObject) => void, depth = 0): void {
  if (depth > 60 || typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) look(value);
  for (const child of Object.values(value)) visit(child, look, depth + 1);
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}
