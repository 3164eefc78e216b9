import type { Json, JsonObject } from '../../../core/json.js';
import type { Check } from './check.js';
import { isSchema, type Schema } from './keyword-places.js';
import { firstDuplicate } from './unique-items.js';

/** Checks of the keywords for lists, but for `unevaluatedItems`. */
export function arrayChecks(schema: JsonObject, compile: (schema: Schema) => Check): Check[] {
  const checks: Check[] = [];
  const { minItems: least, maxItems: most } = schema;
  if (typeof most === 'number') {
    checks.push(
      (value, run, path) =>
        (value as Json[]).length <= most || run.fail('maxItems', path, value, schema, { limit: most }),
    );
  }
  if (typeof least === 'number') {
    checks.push(
      (value, run, path) =>
        (value as Json[]).length >= least || run.fail('minItems', path, value, schema, { limit: least }),
    );
  }
  const prefix = Array.isArray(schema['prefixItems'])
    ? schema['prefixItems'].map((part) => compile(isSchema(part) ? part : true))
    : [];
  const rest = isSchema(schema['items']) ? compile(schema['items']) : undefined;
  if (prefix.length > 0 || rest !== undefined) checks.push(itemsCheck(schema, prefix, rest));
  if (isSchema(schema['contains'])) checks.push(containsCheck(schema, compile(schema['contains'])));
  if (schema['uniqueItems'] === true) {
    checks.push((value, run, path) => {
      const items = value as Json[];
      run.spend(items.length >> 3);
      return firstDuplicate(items) === undefined || run.fail('uniqueItems', path, value, schema);
    });
  }
  return checks;
}

function itemsCheck(schema: JsonObject, prefix: readonly Check[], rest: Check | undefined): Check {
  const closed = schema['items'] === false;
  return (value, run, path, seen) => {
    const items = value as Json[];
    let ok = true;
    if (closed && items.length > prefix.length) {
      ok = run.fail('items', path, value, schema, { limit: prefix.length });
      if (run.errors === undefined) return false;
    }
    const end = rest === undefined || closed ? Math.min(prefix.length, items.length) : items.length;
    for (let i = 0; i < end; i++) {
      const check = i < prefix.length ? prefix[i]! : rest!;
      if (check(items[i]!, run, run.at(path, i), undefined)) continue;
      if (run.errors === undefined) return false;
      ok = false;
    }
    if (seen !== undefined) seen.upTo = Math.max(seen.upTo, rest === undefined ? end : items.length);
    return ok;
  };
}

function containsCheck(schema: JsonObject, holds: Check): Check {
  const { minContains, maxContains } = schema;
  const least = typeof minContains === 'number' ? minContains : 1;
  const most = typeof maxContains === 'number' ? maxContains : Infinity;
  return (value, run, path, seen) =>
    run.quietly(() => {
      let found = 0;
      for (const [index, item] of (value as Json[]).entries()) {
        if (!holds(item, run, '', undefined)) continue;
        found++;
        seen?.items.add(index);
        if (seen === undefined && most === Infinity && found >= least) return true;
      }
      return found >= least && found <= most;
    }) || run.fail('contains', path, value, schema, { minContains: least, maxContains });
}
