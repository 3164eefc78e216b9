import { isJsonObject, type JsonObject } from '../../core/json.js';

/** Says what is wrong with a tool's arguments, undefined where nothing is. */
export type ArgumentsCheck = (args: JsonObject) => string | undefined;

const typeTests: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: (value) => isJsonObject(value),
  null: (value) => value === null,
};

/**
 * A quick check of what goes wrong most: missing required arguments, and arguments of another type or outside their
 * `enum`, on the first level. It is no JSON Schema validator; handlers check the rest.
 */
export function compileArgumentsCheck(inputSchema: JsonObject): ArgumentsCheck {
  const { required, properties } = inputSchema;
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  const checks: ArgumentsCheck[] = [];
  for (const [name, schema] of Object.entries(isJsonObject(properties) ? properties : {})) {
    if (!isJsonObject(schema)) continue;
    const { type, enum: allowed } = schema;
    const types = (Array.isArray(type) ? type : [type]).filter((each) => typeof each === 'string');
    const tests = types.map((each) => typeTests[each]).filter((test) => test !== undefined);
    if (tests.length > 0 && tests.length === types.length) {
      checks.push((args) =>
        args[name] === undefined || tests.some((test) => test(args[name]))
          ? undefined
          : `argument '${name}' must be ${types.join(' or ')}`,
      );
    }
    if (Array.isArray(allowed) && allowed.every((value) => !isJsonObject(value) && !Array.isArray(value))) {
      checks.push((args) =>
        args[name] === undefined || allowed.includes(args[name])
          ? undefined
          : `argument '${name}' must be one of ${JSON.stringify(allowed)}`,
      );
    }
  }
  return (args) => {
    for (const name of names) if (args[name] === undefined) return `argument '${name}' is missing`;
    for (const check of checks) {
      const wrong = check(args);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}
