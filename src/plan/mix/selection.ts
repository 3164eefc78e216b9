import { didYouMean, usageError } from '../../core/index.js';
import type { CatalogueTool } from '../catalogue.js';

/** What `--tool` asks for: tools and methods with their weights; empty: what is safe. */
export interface ToolSelection {
  weights: ReadonlyMap<string, number>;
  /** `--tool all`. */
  all: boolean;
}

/** Methods without arguments that can be loaded like a tool. */
export const loadableMethods = [
  'tools/list',
  'ping',
  'server/discover',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
] as const;

/**
 * Reads `--tool NAME[=weight]` values.
 *
 * @throws DynoError (104): a weight that is no positive number, `all` beside names, a name given twice.
 */
export function parseSelection(values: readonly string[], what: string): ToolSelection {
  const weights = new Map<string, number>();
  let all = false;
  for (const value of values) {
    // A tool's name may hold '=', a weight is a number.
    const match = /^(.+)=([^=]*)$/s.exec(value);
    const weighted = match !== null && /^[\d.]+$/.test(match[2]!.trim());
    if (match !== null && !weighted && /^[-+\d.a-z]*$/i.test(match[2]!)) {
      throw usageError(
        `Expected the weight of ${what} '${value}' to be a number above 0, got '${match[2]!}'`,
      );
    }
    const name = weighted ? match[1]!.trim() : value.trim();
    const weight = weighted ? Number(match[2]) : 1;
    if (!Number.isFinite(weight) || weight <= 0) {
      throw usageError(`Expected the weight of ${what} '${value}' to be a number above 0`);
    }
    if (weights.has(name)) throw usageError(`${what} names '${name}' twice`);
    weights.set(name, weight);
    if (name === 'all') all = true;
  }
  if (all && weights.size > 1) {
    const other = [...weights.keys()].find((name) => name !== 'all')!;
    throw usageError(`${what} 'all' and '${other}' contradict each other: all is every tool already`);
  }
  if (all) weights.clear();
  return { weights, all };
}

/**
 * Checks names against the server's catalogue.
 *
 * @throws DynoError (104) for a tool that the server does not have, with the nearest one.
 */
export function checkNames(
  names: Iterable<string>,
  tools: readonly CatalogueTool[],
  what: string,
  others: readonly string[] = [],
): void {
  const known = [...tools.map((tool) => tool.name), ...others];
  for (const name of names) {
    if (known.includes(name)) continue;
    const some = tools.slice(0, 8).map((tool) => tool.name);
    const list =
      some.length === 0 ? 'It has none.' : `It has: ${some.join(', ')}${tools.length > 8 ? ', …' : ''}.`;
    throw usageError(`The server has no tool '${name}' (${what})`, didYouMean(name, known) ?? list);
  }
}
