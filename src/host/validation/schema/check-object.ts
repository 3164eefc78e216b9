import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { GuardedPattern } from '../../../core/pattern/guarded-pattern.js';
import type { Check } from './check.js';
import { isSchema, type Schema } from './keyword-places.js';

/** Checks of the keywords for objects, but for `unevaluatedProperties`. */
export function objectChecks(
  schema: JsonObject,
  compile: (schema: Schema) => Check,
  patterns: ReadonlyMap<string, GuardedPattern>,
): Check[] {
  const checks: Check[] = [];
  const required = namesIn(schema['required']);
  if (required.length > 0) {
    checks.push((value, run, path) => {
      let ok = true;
      for (const missingProperty of required) {
        if (Object.hasOwn(value as JsonObject, missingProperty)) continue;
        ok = run.fail('required', path, value, schema, { missingProperty });
        if (run.errors === undefined) return false;
      }
      return ok;
    });
  }
  const { minProperties: least, maxProperties: most } = schema;
  if (typeof most === 'number') {
    checks.push(
      (value, run, path) =>
        Object.keys(value as JsonObject).length <= most ||
        run.fail('maxProperties', path, value, schema, { limit: most }),
    );
  }
  if (typeof least === 'number') {
    checks.push(
      (value, run, path) =>
        Object.keys(value as JsonObject).length >= least ||
        run.fail('minProperties', path, value, schema, { limit: least }),
    );
  }
  const members = membersCheck(schema, compile, patterns);
  if (members !== undefined) checks.push(members);
  const dependent = requiredCheck(schema);
  if (dependent !== undefined) checks.push(dependent);
  for (const [name, part] of entries(schema['dependentSchemas'])) {
    const check = compile(isSchema(part) ? part : true);
    checks.push(
      (value, run, path, seen) =>
        !Object.hasOwn(value as JsonObject, name) || check(value, run, path, seen),
    );
  }
  return checks;
}

/** `properties`, `patternProperties`, `additionalProperties` and `propertyNames` in one pass over the value. */
function membersCheck(
  schema: JsonObject,
  compile: (schema: Schema) => Check,
  patterns: ReadonlyMap<string, GuardedPattern>,
): Check | undefined {
  const known = new Map<string, Check>();
  for (const [name, part] of entries(schema['properties'])) {
    known.set(name, compile(isSchema(part) ? part : true));
  }
  const matching = entries(schema['patternProperties']).map(([source, part]) => ({
    pattern: patterns.get(source)!,
    check: compile(isSchema(part) ? part : true),
  }));
  const additional = schema['additionalProperties'];
  const closed = additional === false;
  const rest = isSchema(additional) ? compile(additional) : undefined;
  const names = isSchema(schema['propertyNames']) ? compile(schema['propertyNames']) : undefined;
  if (known.size === 0 && matching.length === 0 && rest === undefined && names === undefined) return undefined;
  return (value, run, path, seen) => {
    const object = value as JsonObject;
    let ok = true;
    for (const name in object) {
      if (!Object.hasOwn(object, name)) continue;
      let good = true;
      let evaluated = false;
      const own = known.get(name);
      if (own !== undefined) {
        evaluated = true;
        good = own(object[name]!, run, run.at(path, name), undefined);
      }
      for (const { pattern, check } of matching) {
        if (!pattern.test(name)) continue;
        evaluated = true;
        good = check(object[name]!, run, run.at(path, name), undefined) && good;
      }
      if (!evaluated && rest !== undefined) {
        evaluated = true;
        good = closed
          ? run.fail('additionalProperties', path, value, schema, { additionalProperty: name })
          : rest(object[name]!, run, run.at(path, name), undefined);
      }
      if (names !== undefined && !run.quietly(() => names(name, run, '', undefined))) {
        good = run.fail('propertyNames', path, value, schema, { propertyName: name });
      }
      if (!good) {
        if (run.errors === undefined) return false;
        ok = false;
      }
      if (evaluated) seen?.properties.add(name);
    }
    return ok;
  };
}

function requiredCheck(schema: JsonObject): Check | undefined {
  const dependent = entries(schema['dependentRequired']).map(([name, others]) => [name, namesIn(others)] as const);
  if (dependent.length === 0) return undefined;
  return (value, run, path) => {
    const object = value as JsonObject;
    let ok = true;
    for (const [property, others] of dependent) {
      if (!Object.hasOwn(object, property)) continue;
      for (const missingProperty of others) {
        if (Object.hasOwn(object, missingProperty)) continue;
        ok = run.fail('dependentRequired', path, value, schema, { property, missingProperty });
        if (run.errors === undefined) return false;
      }
    }
    return ok;
  };
}

function entries(value: Json | undefined): [string, Json][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}

function namesIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}
