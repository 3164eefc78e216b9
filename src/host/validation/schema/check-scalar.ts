import type { Json, JsonObject } from '../../../core/json.js';
import type { GuardedPattern } from '../../../core/pattern/guarded-pattern.js';
import type { Check } from './check.js';
import { formatCheck } from './formats.js';
import { canonical } from './unique-items.js';

/** Checks of `type`, `enum` and `const`. */
export function generalChecks(schema: JsonObject): Check[] {
  const checks: Check[] = [];
  const { type } = schema;
  if (type !== undefined) {
    const holds = typeTest(type);
    checks.push((value, run, path) => holds(value) || run.fail('type', path, value, schema, { type }));
  }
  if (Array.isArray(schema['enum'])) {
    const allowedValues = schema['enum'];
    const among = membership(allowedValues);
    const price = allowedValues.length >> 6;
    checks.push((value, run, path) => {
      if (price > 0) run.spend(price);
      return among(value) || run.fail('enum', path, value, schema, { allowedValues });
    });
  }
  if (Object.hasOwn(schema, 'const')) {
    const allowedValue = schema['const']!;
    const among = membership([allowedValue]);
    checks.push((value, run, path) => among(value) || run.fail('const', path, value, schema, { allowedValue }));
  }
  return checks;
}

function typeTest(type: Json): (value: Json) => boolean {
  const types = new Set(Array.isArray(type) ? type : [type]);
  if (types.size === 1) return singleTypeTest(String([...types][0]));
  const tests = [...types].map((one) => singleTypeTest(String(one)));
  return (value) => tests.some((test) => test(value));
}

function singleTypeTest(type: string): (value: Json) => boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return (value) => typeof value === type;
    case 'number':
      return (value) => typeof value === 'number' && Number.isFinite(value);
    case 'integer':
      return (value) => Number.isInteger(value);
    case 'null':
      return (value) => value === null;
    case 'array':
      return (value) => Array.isArray(value);
    default:
      return (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}

/** Compares scalars as they are, objects and lists by a text that equal ones share. */
function membership(values: readonly Json[]): (value: Json) => boolean {
  const scalars = new Set<Json>();
  const others = new Set<string>();
  for (const value of values) {
    if (typeof value === 'object' && value !== null) others.add(canonical(value));
    else scalars.add(value);
  }
  return (value) =>
    typeof value === 'object' && value !== null
      ? others.size > 0 && others.has(canonical(value))
      : scalars.has(value);
}

/** Checks of the keywords for numbers. */
export function numberChecks(schema: JsonObject): Check[] {
  const checks: Check[] = [];
  const add = (keyword: string, holds: (value: number, limit: number) => boolean) => {
    const limit = schema[keyword];
    if (typeof limit !== 'number') return;
    checks.push(
      (value, run, path) =>
        holds(value as number, limit) || run.fail(keyword, path, value, schema, { limit, [keyword]: limit }),
    );
  };
  add('minimum', (value, limit) => value >= limit);
  add('maximum', (value, limit) => value <= limit);
  add('exclusiveMinimum', (value, limit) => value > limit);
  add('exclusiveMaximum', (value, limit) => value < limit);
  add('multipleOf', isMultiple);
  return checks;
}

/** 19.99 is a multiple of 0.01, though in doubles their quotient is 1998.9999999999998. */
function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  if (!Number.isFinite(quotient)) return value % of === 0;
  const off = Math.abs(quotient - Math.round(quotient));
  return off <= Math.min(1e-6, Math.abs(quotient) * 4 * Number.EPSILON);
}

/** Checks of the keywords for texts; `format` only where it is asserted. */
export function textChecks(
  schema: JsonObject,
  patterns: ReadonlyMap<string, GuardedPattern>,
  formats: boolean,
): Check[] {
  const checks: Check[] = [];
  const { minLength: least, maxLength: most, pattern, format } = schema;
  if (typeof most === 'number') {
    checks.push((value, run, path) => {
      const text = value as string;
      // A character is one or two code units.
      if (text.length <= most || (text.length <= most * 2 && charactersOf(text) <= most)) return true;
      return run.fail('maxLength', path, value, schema, { limit: most });
    });
  }
  if (typeof least === 'number') {
    checks.push((value, run, path) => {
      const text = value as string;
      if (text.length >= least * 2 || (text.length >= least && charactersOf(text) >= least)) return true;
      return run.fail('minLength', path, value, schema, { limit: least });
    });
  }
  const guarded = typeof pattern === 'string' ? patterns.get(pattern) : undefined;
  if (guarded !== undefined) {
    checks.push(
      (value, run, path) =>
        guarded.test(value as string) || run.fail('pattern', path, value, schema, { pattern: guarded.source }),
    );
  }
  if (formats && typeof format === 'string') {
    const holds = formatCheck(format);
    if (holds !== undefined) {
      checks.push((value, run, path) => holds(value) || run.fail('format', path, value, schema, { format }));
    }
  }
  return checks;
}

/** How many characters (code points) a text has. */
function charactersOf(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count--;
      i++;
    }
  }
  return count;
}
