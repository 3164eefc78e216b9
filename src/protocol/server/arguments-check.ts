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
 * A quick check of what goes wrong most: missing required arguments, and arguments of another type, outside their `enum`,
 * their range or their length, on the first level. It is no JSON Schema validator; handlers check the rest.
 */
export function compileArgumentsCheck(inputSchema: JsonObject): ArgumentsCheck {
  const { required, properties } = inputSchema;
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  const checks: ArgumentsCheck[] = [];
  for (const [name, schema] of Object.entries(isJsonObject(properties) ? properties : {})) {
    if (!isJsonObject(schema)) continue;
    const { type, enum: allowed } = schema;
    checks.push(...boundsChecks(name, schema));
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

function boundsChecks(name: string, schema: JsonObject): ArgumentsCheck[] {
  const bound = (keyword: string, otherwise: number) =>
    typeof schema[keyword] === 'number' ? schema[keyword] : otherwise;
  const [minimum, maximum] = [bound('minimum', -Infinity), bound('maximum', Infinity)];
  const [shortest, longest] = [bound('minLength', 0), bound('maxLength', Infinity)];
  const checks: ArgumentsCheck[] = [];
  if (minimum !== -Infinity || maximum !== Infinity) {
    checks.push((args) => {
      const value = args[name];
      return typeof value === 'number' && (value < minimum || value > maximum)
        ? `argument '${name}' must be from ${minimum} to ${maximum}`
        : undefined;
    });
  }
  if (shortest > 0 || longest !== Infinity) {
    checks.push((args) => {
      const value = args[name];
      if (typeof value !== 'string') return undefined;
      // Characters, not UTF-16 units; counted only where that can matter.
      const length = value.length > longest || value.length < 2 * shortest ? [...value].length : value.length;
      return length < shortest || length > longest
        ? `argument '${name}' must be ${shortest} to ${longest} characters long`
        : undefined;
    });
  }
  return checks;
}
