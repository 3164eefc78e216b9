import { isJsonObject, type Json, type JsonObject } from '../../core/index.js';
import type { CatalogueTool } from '../../plan/catalogue.js';

/** Longer names are cut or refused by some model APIs. */
const longestName = 64;

/** What is wrong, or unwise, about one tool of a catalogue, a short sentence each. */
export function toolFaults(tool: CatalogueTool): string[] {
  const faults: string[] = [];
  if (!/^[a-zA-Z0-9_.-]{1,128}$/.test(tool.name))
    faults.push('its name has characters that the specification advises against');
  if (tool.name.length > longestName) faults.push(`its name is longer than ${longestName} characters`);
  if ((tool.description ?? '').trim() === '') faults.push('it has no description');
  faults.push(...schemaFaults(tool.inputSchema, 'inputSchema'));
  if (tool.inputSchema['type'] !== 'object') faults.push("inputSchema has no type 'object'");
  if (tool.outputSchema) faults.push(...schemaFaults(tool.outputSchema, 'outputSchema'));
  if (tool.annotations?.readOnlyHint === undefined)
    faults.push('it has no readOnlyHint, so it counts as destructive');
  return faults;
}

function schemaFaults(schema: JsonObject, name: string): string[] {
  const faults = new Set<string>();
  const { properties, required } = schema;
  const known = isJsonObject(properties) ? Object.keys(properties) : [];
  for (const one of Array.isArray(required) ? required : []) {
    if (typeof one === 'string' && !known.includes(one))
      faults.add(`${name} requires '${one}', which it does not describe`);
  }
  let undescribed = 0;
  for (const property of isJsonObject(properties) ? Object.values(properties) : []) {
    if (isJsonObject(property) && property['description'] === undefined) undescribed++;
  }
  if (undescribed > 0 && name === 'inputSchema') {
    faults.add(`${undescribed} of ${known.length} arguments have no description`);
  }
  visit(schema, (part) => {
    const reference = part['$ref'];
    if (typeof reference === 'string' && !reference.startsWith('#'))
      faults.add(`${name} refers to the network ($ref)`);
    const { pattern } = part;
    if (typeof pattern === 'string' && !isPattern(pattern))
      faults.add(`${name} has a pattern that is no regular expression`);
  });
  return [...faults];
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
