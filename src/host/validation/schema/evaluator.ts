import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { arrayChecks } from './check-array.js';
import { objectChecks } from './check-object.js';
import { generalChecks, numberChecks, textChecks } from './check-scalar.js';
import { Seen, type Check, type Run } from './check.js';
import { isSchema, type Schema } from './keyword-places.js';
import type { LinkedSchema } from './link-schema.js';

const always: Check = () => true;

/**
 * Turns a linked schema into functions that check values against it. No code is made from the schema's text, compiling
 * takes time in proportion to its size, and every evaluation of a subschema is counted, so that a hostile schema can take
 * neither the process nor its time.
 *
 * @param formats whether `format` is asserted
 */
export function evaluator(linked: LinkedSchema, formats: boolean): Check {
  const { definitions, patterns } = linked;
  const compiled = new Map<string, Check>();

  const definition = (name: string): Check => {
    let check = compiled.get(name);
    if (check === undefined) compiled.set(name, (check = compile(definitions.get(name)!)));
    return check;
  };

  const compile = (schema: Schema): Check => {
    if (typeof schema === 'boolean') {
      if (schema) return always;
      return (value, run, path) => run.fail('false schema', path, value, {});
    }
    const general = [...generalChecks(schema), ...combinations(schema)];
    const number = numberChecks(schema);
    const text = textChecks(schema, patterns, formats);
    const array = arrayChecks(schema, compile);
    const object = objectChecks(schema, compile, patterns);
    const unevaluated = unevaluatedChecks(schema);
    const own: Check = (value, run, path, seen) => {
      run.spend(1);
      let ok = all(general, value, run, path, seen);
      if (!ok && run.errors === undefined) return false;
      let group: readonly Check[] | undefined;
      if (typeof value === 'string') group = text;
      else if (typeof value === 'number') group = number;
      else if (typeof value === 'object' && value !== null) group = Array.isArray(value) ? array : object;
      if (group !== undefined && group.length > 0) ok = all(group, value, run, path, seen) && ok;
      return ok;
    };
    if (unevaluated.length === 0) return own;
    return (value, run, path, outer) => {
      // What stands beside it in an outer schema does not count, so this one looks for itself.
      const seen = new Seen();
      let ok = own(value, run, path, seen);
      if (!ok && run.errors === undefined) return false;
      if (ok) ok = all(unevaluated, value, run, path, seen);
      if (ok) outer?.merge(seen);
      return ok;
    };
  };

  const combinations = (schema: JsonObject): Check[] => {
    const checks: Check[] = [];
    const { $ref } = schema;
    if (typeof $ref === 'string') {
      const name = $ref.slice('#/$defs/'.length);
      // Compiled when it is first needed, since it may lead back here.
      checks.push((value, run, path, seen) => definition(name)(value, run, path, seen));
    }
    checks.push(...list(schema['allOf']).map(compile));
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const branches = list(schema[keyword]).map(compile);
      if (branches.length > 0) checks.push(alternatives(schema, keyword, branches));
    }
    if (isSchema(schema['not'])) {
      const excluded = compile(schema['not']);
      checks.push(
        (value, run, path) =>
          !run.quietly(() => excluded(value, run, '', undefined)) || run.fail('not', path, value, schema),
      );
    }
    if (isSchema(schema['if'])) checks.push(condition(schema, schema['if']));
    return checks;
  };

  const condition = (schema: JsonObject, when: Schema): Check => {
    const holds = compile(when);
    const then = isSchema(schema['then']) ? compile(schema['then']) : always;
    const otherwise = isSchema(schema['else']) ? compile(schema['else']) : always;
    return (value, run, path, seen) => {
      const looked = seen && new Seen();
      if (!run.quietly(() => holds(value, run, '', looked))) return otherwise(value, run, path, seen);
      if (looked !== undefined) seen?.merge(looked);
      return then(value, run, path, seen);
    };
  };

  const unevaluatedChecks = (schema: JsonObject): Check[] => {
    const checks: Check[] = [];
    const { unevaluatedProperties: properties, unevaluatedItems: items } = schema;
    if (isSchema(properties)) {
      const rest = compile(properties);
      checks.push((value, run, path, seen) => {
        if (!isJsonObject(value)) return true;
        let ok = true;
        for (const name of Object.keys(value)) {
          if (seen!.properties.has(name)) continue;
          if (properties === false) {
            ok = run.fail('unevaluatedProperties', path, value, schema, { unevaluatedProperty: name });
          } else ok = rest(value[name]!, run, run.at(path, name), undefined) && ok;
          if (!ok && run.errors === undefined) return false;
          seen!.properties.add(name);
        }
        return ok;
      });
    }
    if (isSchema(items)) {
      const rest = compile(items);
      checks.push((value, run, path, seen) => {
        if (!Array.isArray(value)) return true;
        let ok = true;
        for (let i = seen!.upTo; i < value.length; i++) {
          if (seen!.items.has(i)) continue;
          if (items === false) {
            return run.fail('unevaluatedItems', path, value, schema, { limit: i });
          }
          ok = rest(value[i]!, run, run.at(path, i), undefined) && ok;
          if (!ok && run.errors === undefined) return false;
        }
        seen!.upTo = value.length;
        return ok;
      });
    }
    return checks;
  };

  return compile(linked.root);
}

/** Every check; stops at the first that fails where errors are not told. */
function all(
  checks: readonly Check[],
  value: Json,
  run: Run,
  path: string,
  seen: Seen | undefined,
): boolean {
  let ok = true;
  for (let i = 0; i < checks.length; i++) {
    if (checks[i]!(value, run, path, seen)) continue;
    if (run.errors === undefined) return false;
    ok = false;
  }
  return ok;
}

function alternatives(schema: JsonObject, keyword: 'anyOf' | 'oneOf', branches: readonly Check[]): Check {
  return (value, run, path, seen) => {
    const passing: number[] = [];
    run.quietly(() => {
      for (let i = 0; i < branches.length; i++) {
        const looked = seen && new Seen();
        if (!branches[i]!(value, run, '', looked)) continue;
        passing.push(i);
        if (looked !== undefined) seen?.merge(looked);
        // For what was evaluated every branch that holds counts.
        if (keyword === 'anyOf' ? seen === undefined : passing.length > 1) return;
      }
    });
    if (keyword === 'anyOf' ? passing.length > 0 : passing.length === 1) return true;
    return run.fail(keyword, path, value, schema, passing.length > 1 ? { passingSchemas: passing } : {});
  };
}

function list(value: Json | undefined): Schema[] {
  return Array.isArray(value) ? value.filter((item) => isSchema(item)) : [];
}
