import { usageError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import type { JsonObject } from '../core/json.js';
import type { Parameter, ParameterValues, Profile, SuiteTest } from './suite-test.js';

/**
 * A test's parameters: those of the profile, and what the config file sets instead.
 *
 * @param placeOf names a parameter in errors, such as `tests.single-tool-latency.calls in dyno.config.yaml`.
 * @throws DynoError (104) for an unknown parameter (with the nearest), a wrong type, or a value out of range.
 */
export function parametersOf(
  test: SuiteTest,
  profile: Profile,
  given: JsonObject = {},
  placeOf: (parameter: string) => string = (name) => `the parameter '${name}' of ${test.id}`,
): ParameterValues {
  const values: Record<string, number | number[]> = {};
  for (const [name, parameter] of Object.entries(test.parameters)) values[name] = parameter[profile];
  for (const [name, value] of Object.entries(given)) {
    const parameter = test.parameters[name];
    if (parameter === undefined) {
      const known = Object.keys(test.parameters);
      throw usageError(
        `${test.id} has no parameter '${name}' (${placeOf(name)})`,
        didYouMean(name, known) ?? (known.length === 0 ? 'It has none.' : `It has: ${known.join(', ')}.`),
      );
    }
    values[name] = checked(parameter, value, placeOf(name));
  }
  return values;
}

function checked(parameter: Parameter, value: unknown, place: string): number | number[] {
  const { min, max } = parameter;
  const fits = (each: unknown): each is number => typeof each === 'number' && each >= min && each <= max;
  if (Array.isArray(parameter.quick)) {
    if (Array.isArray(value) && value.length > 0 && value.every(fits)) return value;
    throw usageError(
      `Expected ${place} to be a list of numbers from ${min} to ${max}, got ${JSON.stringify(value)}`,
    );
  }
  if (fits(value)) return value;
  throw usageError(`Expected ${place} to be a number from ${min} to ${max}, got ${JSON.stringify(value)}`);
}
