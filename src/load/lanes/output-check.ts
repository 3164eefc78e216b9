import type { JsonObject } from '../../core/json.js';
import type { OperationPlan } from '../../plan/load-plan.js';

/** Says what is wrong with a `structuredContent`, or undefined where nothing is. */
export type OutputCheck = (value: unknown) => string | undefined;

/**
 * The checks of the operations' output schemas, by operation; undefined where there is no schema, or one that does not
 * compile (a fault of the catalogue, reported with it). Loads ajv only where there is something to check.
 */
export async function outputChecks(
  operations: readonly OperationPlan[],
): Promise<(OutputCheck | undefined)[]> {
  if (operations.every((operation) => operation.outputSchema === undefined)) return [];
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const compile = (schema: JsonObject | undefined): OutputCheck | undefined => {
    if (schema === undefined) return undefined;
    try {
      const validate = new Ajv2020({ strict: false, validateFormats: false, logger: false }).compile(schema);
      return (value) => {
        if (value === undefined)
          return 'the result has no structuredContent, though the tool has an outputSchema';
        if (validate(value)) return undefined;
        const fault = validate.errors?.[0];
        return `structuredContent${fault?.instancePath ?? ''} ${fault?.message ?? 'breaks the outputSchema'}`;
      };
    } catch {
      return undefined;
    }
  };
  return operations.map((operation) => compile(operation.outputSchema));
}
