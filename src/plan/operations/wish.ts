import { didYouMean, printableLine, usageError } from '../../core/index.js';
import { operationMethods, type OperationMethod, type OperationMethodName } from './methods.js';

/** One `--operation`, read but not yet held against a server. */
export interface OperationWish {
  method: OperationMethodName;
  /** What follows the method: a URI, a prompt, a tool, a level; undefined where nothing does. */
  name: string | undefined;
  weight: number;
  /** The same with what was read as a weight, where something was: a URI may end in `=1`. */
  unweighted: string | undefined;
}

/**
 * Reads `--operation 'METHOD[ NAME-OR-URI][=WEIGHT]'` values.
 *
 * @throws DynoError (104): a method that cannot be loaded, with the nearest; a name where none belongs; one given twice.
 */
export function parseOperations(values: readonly string[], what: string): OperationWish[] {
  const seen = new Set<string>();
  return values.map((value) => {
    const wish = parseOperation(value, what);
    const key = `${wish.method} ${wish.name ?? ''}`.trim();
    if (seen.has(key)) throw usageError(`${what} names '${printableLine(key, 120)}' twice`);
    seen.add(key);
    return wish;
  });
}

function parseOperation(value: string, what: string): OperationWish {
  const match = /^(\S+?)(?:\s+(.*?))?(?:=(\d+(?:\.\d+)?|\.\d+))?$/s.exec(value.trim());
  const method = match?.[1] ?? '';
  const known = Object.keys(operationMethods);
  if (!Object.hasOwn(operationMethods, method)) {
    throw usageError(
      `Expected ${what} to begin with a method that can be loaded, got '${printableLine(value, 80)}'`,
      didYouMean(method, known) ?? `Methods: ${known.join(', ')}.`,
    );
  }
  const name = method as OperationMethodName;
  const operand = match?.[2]?.trim() ?? '';
  const { takes }: OperationMethod = operationMethods[name];
  if (operand !== '' && takes === undefined) {
    throw usageError(
      `Expected nothing after ${name} in ${what}, got '${printableLine(operand, 80)}'`,
      `A weight is written ${name}=2.`,
    );
  }
  const weight = match?.[3] === undefined ? 1 : Number(match[3]);
  if (weight <= 0)
    throw usageError(`Expected the weight of ${what} '${printableLine(value, 80)}' to be above 0`);
  return {
    method: name,
    name: operand === '' ? undefined : operand,
    weight,
    unweighted: match?.[3] === undefined || operand === '' ? undefined : `${operand}=${match[3]}`,
  };
}
