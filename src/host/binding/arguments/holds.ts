import type { Format } from 'ajv';

import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { assertedFormats } from '../../validation/schema/formats.js';
import { resolve, typesOf } from './schema-node.js';

/** Whether a value holds against a schema; `unknown` where only a full validator can tell. */
export type Verdict = 'yes' | 'no' | 'unknown';

/** Keywords that say nothing about validity. */
const annotations = new Set([
  '$schema',
  '$id',
  '$anchor',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
  'x-mcp-header',
  'markdownDescription',
  'example',
  'enumDescriptions',
  'enumNames',
]);
const maxDepth = 12;

type Check = (limit: Json, value: Json, schema: JsonObject, root: JsonObject, depth: number) => Verdict;

/** Keywords that are read here; any other that is no annotation makes a verdict of `yes` unknown. */
const checks: Readonly<Record<string, Check>> = {
  type: (_, value, schema) => truth(typesOf(schema).some((type) => isOfType(value, type))),
  enum: (values, value) => truth(Array.isArray(values) && values.some((one) => equal(one, value))),
  const: (one, value) => truth(equal(one, value)),
  minimum: onNumber((limit, value) => value >= limit),
  maximum: onNumber((limit, value) => value <= limit),
  exclusiveMinimum: onNumber((limit, value) => value > limit),
  exclusiveMaximum: onNumber((limit, value) => value < limit),
  multipleOf: onNumber((step, value) =>
    Number.isInteger(step) && Math.abs(value) < 2 ** 53 ? value % step === 0 : undefined,
  ),
  minLength: onText((limit, value) => [...value].length >= limit),
  maxLength: onText((limit, value) => [...value].length <= limit),
  format: (name, value) =>
    typeof value === 'string' && typeof name === 'string' ? formatHolds(name, value) : 'yes',
  minItems: onList((limit, value) => value.length >= limit),
  maxItems: onList((limit, value) => value.length <= limit),
  uniqueItems: (unique, value) =>
    truth(
      unique !== true ||
        !Array.isArray(value) ||
        value.every((one, i) => !value.slice(0, i).some((e) => equal(e, one))),
    ),
  items: (items, value, schema, root, depth) => {
    if (!Array.isArray(value)) return 'yes';
    if (Array.isArray(items) || schema['prefixItems'] !== undefined) return 'unknown';
    return all(value.map((one) => holds(one, items, root, depth + 1)));
  },
  properties: (properties, value, _, root, depth) => {
    if (!isJsonObject(value) || !isJsonObject(properties)) return 'yes';
    return all(
      Object.entries(value).map(([name, one]) =>
        Object.hasOwn(properties, name) ? holds(one, properties[name]!, root, depth + 1) : 'yes',
      ),
    );
  },
  additionalProperties: (rest, value, schema, root, depth) => {
    if (!isJsonObject(value) || rest === true) return 'yes';
    if (schema['patternProperties'] !== undefined) return 'unknown';
    const known = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const others = Object.entries(value).filter(([name]) => !Object.hasOwn(known, name));
    return all(others.map(([, one]) => holds(one, rest, root, depth + 1)));
  },
  required: (names, value) => {
    if (!isJsonObject(value) || !Array.isArray(names)) return 'yes';
    return truth(names.every((name) => typeof name !== 'string' || Object.hasOwn(value, name)));
  },
  minProperties: (limit, value) => truth(!isJsonObject(value) || Object.keys(value).length >= Number(limit)),
  maxProperties: (limit, value) => truth(!isJsonObject(value) || Object.keys(value).length <= Number(limit)),
  allOf: (branches, value, _, root, depth) =>
    all(listOf(branches).map((branch) => holds(value, branch, root, depth + 1))),
  anyOf: (branches, value, _, root, depth) => {
    const verdicts = listOf(branches).map((branch) => holds(value, branch, root, depth + 1));
    if (verdicts.includes('yes')) return 'yes';
    return verdicts.includes('unknown') ? 'unknown' : 'no';
  },
  oneOf: (branches, value, _, root, depth) => {
    const verdicts = listOf(branches).map((branch) => holds(value, branch, root, depth + 1));
    if (verdicts.includes('unknown')) return 'unknown';
    return truth(verdicts.filter((verdict) => verdict === 'yes').length === 1);
  },
  not: (schema, value, _, root, depth) => {
    const verdict = holds(value, schema, root, depth + 1);
    return verdict === 'unknown' ? verdict : truth(verdict === 'no');
  },
};

/**
 * Whether a value holds against a schema, read keyword by keyword: what is needed to fill arguments, without compiling a
 * validator for every tool that is looked at. Never says `yes` where a full validator would say no: what it does not
 * read (patterns, conditions, dynamic references) makes it `unknown`.
 */
export function holds(value: Json, schema: Json, root: JsonObject, depth = 0): Verdict {
  if (typeof schema === 'boolean') return truth(schema);
  if (!isJsonObject(schema) || depth > maxDepth) return 'unknown';
  let verdict: Verdict = 'yes';
  if (schema['$ref'] !== undefined) {
    const target = resolve(schema, root);
    verdict = target === undefined ? 'unknown' : holds(value, target, root, depth + 1);
  }
  for (const [keyword, limit] of Object.entries(schema)) {
    if (verdict === 'no') return 'no';
    if (keyword === '$ref' || annotations.has(keyword)) continue;
    const check = Object.hasOwn(checks, keyword) ? checks[keyword] : undefined;
    const one = check === undefined ? 'unknown' : check(limit, value, schema, root, depth);
    if (one !== 'yes') verdict = one === 'no' ? 'no' : 'unknown';
  }
  return verdict;
}

/** True when two JSON values are equal, whatever the order of members. */
export function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((one, i) => equal(one, b[i]!));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((n) => Object.hasOwn(b, n) && equal(a[n]!, b[n]!))
  );
}

function formatHolds(name: string, text: string): Verdict {
  const format: Format | undefined = Object.hasOwn(assertedFormats, name) ? assertedFormats[name] : undefined;
  if (format === undefined) return 'yes';
  if (format instanceof RegExp) return truth(text.length <= 4096 && format.test(text));
  if (typeof format === 'function') return truth((format as (text: string) => boolean)(text));
  return 'unknown';
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function truth(holding: boolean): Verdict {
  return holding ? 'yes' : 'no';
}

function all(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('no')) return 'no';
  return verdicts.includes('unknown') ? 'unknown' : 'yes';
}

function listOf(value: Json): Json[] {
  return Array.isArray(value) ? value : [];
}

function onNumber(test: (limit: number, value: number) => boolean | undefined): Check {
  return (limit, value) => {
    if (typeof value !== 'number') return 'yes';
    if (typeof limit !== 'number') return 'unknown';
    const holding = test(limit, value);
    return holding === undefined ? 'unknown' : truth(holding);
  };
}

function onText(test: (limit: number, value: string) => boolean): Check {
  return (limit, value) => truth(typeof value !== 'string' || test(Number(limit), value));
}

function onList(test: (limit: number, value: Json[]) => boolean): Check {
  return (limit, value) => truth(!Array.isArray(value) || test(Number(limit), value));
}
