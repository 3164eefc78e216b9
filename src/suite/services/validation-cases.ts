import { messageOf } from '../../core/errors.js';
import type { Json, JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import { seededRandom, type Random } from '../../core/random.js';
import type { Tool } from '../../protocol/index.js';
import { argumentVariants, checkerFor, Surroundings } from '../../plan/arguments/index.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { invalidArguments } from '../../plan/data/index.js';

/** Arguments for a tool, and whether its schema allows them. */
export interface ValidationCase {
  tool: Tool;
  args: Json;
  valid: boolean;
  /** The keyword that forbids them; empty for valid ones. */
  keyword: string;
}

/** Cases for many tools, and the tools for which there are none. */
export interface ValidationCases {
  /** Valid and invalid ones in turn, as far as there are both; the tools take turns. */
  cases: ValidationCase[];
  /** Sentences on tools left out. */
  notes: string[];
}

const mostValidSets = 3;

/**
 * Valid and invalid arguments for each tool. What is valid is told by ajv, which is not the validator of the host.
 *
 * @param operations the mix: its arguments are known to work
 */
export async function validationCases(
  tools: readonly Tool[],
  operations: readonly OperationPlan[],
): Promise<ValidationCases> {
  const random = seededRandom('tool-validation');
  const known = new Map(
    operations.flatMap(({ tool, params }) => (tool === undefined ? [] : [[tool, params]])),
  );
  const valid: ValidationCase[][] = [];
  const invalid: ValidationCase[][] = [];
  const left: string[] = [];
  for (const tool of tools) {
    try {
      const checker = await checkerFor(tool.inputSchema);
      const given = (known.get(tool.name) ?? []).map((params) => params['arguments'] as JsonObject);
      const sets = [...given.slice(0, mostValidSets), ...(await madeSets(tool, random))].filter(
        (args) => checker.errors(args).length === 0,
      );
      const one = { tool, keyword: '' };
      valid.push(sets.slice(0, mostValidSets).map((args) => ({ ...one, args, valid: true })));
      // Without arguments that fit there are still some that do not: one that is no object at all.
      const wrong = invalidArguments(sets[0] ?? {}, checker);
      invalid.push(wrong.map(({ args, keyword }) => ({ tool, args, valid: false, keyword })));
      if (sets.length === 0) left.push(`${printableLine(tool.name, 60)} (no valid arguments could be made)`);
    } catch (error) {
      left.push(`${printableLine(tool.name, 60)} (${printableLine(messageOf(error), 120)})`);
    }
  }
  return {
    cases: alternating(inTurns(valid), inTurns(invalid)),
    notes:
      left.length === 0
        ? []
        : [
            `Not validated, or only with invalid arguments: ${left.slice(0, 5).join(', ')}${rest(left.length - 5)}.`,
          ],
  };
}

async function madeSets(tool: Tool, random: Random): Promise<JsonObject[]> {
  const sets: JsonObject[] = [];
  for await (const args of argumentVariants(tool, new Surroundings(), random)) {
    if (sets.push(args) >= mostValidSets) break;
  }
  return sets;
}

/** The first of each list, then the second of each, and so on. */
function inTurns<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}

function alternating<T>(one: readonly T[], other: readonly T[]): T[] {
  if (one.length === 0 || other.length === 0) return [...one, ...other];
  const length = 2 * Math.max(one.length, other.length);
  return Array.from({ length }, (_, index) => {
    const list = index % 2 === 0 ? one : other;
    return list[(index >> 1) % list.length]!;
  });
}

function rest(count: number): string {
  return count > 0 ? ` and ${count} more` : '';
}
