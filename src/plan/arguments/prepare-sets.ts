import { seededRandom, usageError, type Json, type JsonObject } from '../../core/index.js';
import type { CatalogueTool } from '../catalogue.js';
import { checkerFor, type Checker } from './checker.js';
import { checkColumns, originOf } from './corpus.js';
import { withSchemaTypes } from './csv-sets.js';
import { fillTemplates, hasTemplate } from './templates.js';

/** How many sets are prepared where templates make each one different, and how large they may be together. */
const limits = { sets: 1000, characters: 8_000_000 };

/** What preparing needs to know. */
export interface PrepareContext {
  seed: number;
  /** Wall-clock time for `{{now}}`, ms since the epoch. */
  now: number;
  saved: ReadonlyMap<string, Json>;
  /** Names the place in errors: `--args`. */
  what: string;
}

/**
 * The sets of arguments that a load will use, all made and checked before it starts: given ones as they are, those with
 * templates filled up to 1,000 times (fewer where they are large).
 *
 * @throws DynoError (104) where a set does not fit the tool's schema: the path and what was expected.
 */
export async function prepareSets(
  tool: CatalogueTool,
  given: readonly JsonObject[],
  { seed, now, saved, what }: PrepareContext,
): Promise<JsonObject[]> {
  checkColumns(given[0], tool);
  const checker = await checkerFor(tool.inputSchema).catch(() => undefined);
  const random = seededRandom(seed).fork(`arguments/${tool.name}`);
  const varied = given.some(hasTemplate);
  const rounds = varied ? Math.ceil(limits.sets / given.length) : 1;
  const sets: JsonObject[] = [];
  let characters = 0;
  for (let round = 0; round < rounds && characters < limits.characters; round++) {
    for (const written of given) {
      const one = checker ? withSchemaTypes(written, checker) : written;
      const index = sets.length;
      const filled = hasTemplate(one) ? fillTemplates(one, { index, random, now, saved }) : one;
      const origin = originOf(written);
      const place = origin === undefined ? what : `${origin.file}:${origin.line}`;
      const set = checker ? fitting(tool, { written: one, filled }, checker, place) : filled;
      characters += JSON.stringify(set).length;
      sets.push(set);
    }
  }
  return sets;
}

/** The filled set, with numbers that came of templates written as text where the schema wants text. */
function fitting(
  tool: CatalogueTool,
  { written, filled }: { written: JsonObject; filled: JsonObject },
  checker: Checker,
  what: string,
): JsonObject {
  const errors = checker.errors(filled);
  if (errors.length === 0) return filled;
  const asText = structuredClone(filled);
  for (const { instancePath, keyword, params } of errors) {
    if (keyword !== 'type' || (params as { type?: string }).type !== 'string') continue;
    const steps = stepsOf(instancePath);
    if (typeof valueAt(written, steps) === 'string') setAt(asText, steps, String(valueAt(filled, steps)));
  }
  if (checker.errors(asText).length === 0) return asText;
  const [fault] = checker.check(filled);
  throw usageError(
    `Expected ${what} to fit the schema of ${tool.name}: ${fault!.path === '' ? 'it' : fault!.path} ${fault!.message}`,
    `See its schema: dyno tools, or try one call: dyno call ${tool.name} '${JSON.stringify(filled).slice(0, 120)}'`,
  );
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(value: Json, steps: readonly string[]): Json | undefined {
  return steps.reduce<Json | undefined>((at, step) => (at as JsonObject | undefined)?.[step], value);
}

function setAt(set: JsonObject, steps: readonly string[], value: string): void {
  const parent = valueAt(set, steps.slice(0, -1));
  const last = steps.at(-1);
  if (last !== undefined) (parent as JsonObject)[last] = value;
}
