import { isJsonObject, messageOf, type Json, type JsonObject, type Random } from '../../core/index.js';
import type { CatalogueTool } from '../catalogue.js';
import { checkerFor, type Checker, type SchemaFault } from './checker.js';
import { generateArguments, type Attempt } from './generate.js';
import { ImpossibleValue, LocalSchema, refuseSchema } from './local-schema.js';
import type { Surroundings } from './surroundings.js';

/** Ways to fill a schema, the plainest first. */
const attempts: readonly Attempt[] = [
  { optionals: 'none', choice: 0 },
  { optionals: 'places', choice: 0 },
  { optionals: 'none', choice: 1 },
  { optionals: 'places', choice: 1 },
  { optionals: 'all', choice: 0 },
  { optionals: 'places', choice: 2 },
];

/** Keywords beside which `{}` certainly fits, as long as nothing is required. */
const harmless = new Set([
  '$schema',
  '$id',
  '$defs',
  '$comment',
  'definitions',
  'type',
  'title',
  'description',
  'properties',
  'additionalProperties',
  'required',
]);

function takesNothing(schema: JsonObject): boolean {
  const { required, type } = schema;
  const needs = Array.isArray(required) && required.length > 0;
  return (
    !needs &&
    (type === undefined || type === 'object') &&
    Object.keys(schema).every((key) => harmless.has(key))
  );
}

/** Why no arguments could be made. */
export interface NoArguments {
  /** The argument in the way, such as `filter.since`; empty where it is the schema as a whole. */
  path: string;
  reason: string;
}

/** Arguments that fit a tool's schema, one set after the other, each different and each checked; then why none were. */
export async function* argumentVariants(
  tool: CatalogueTool,
  around: Surroundings,
  random: Random,
): AsyncGenerator<JsonObject, NoArguments | undefined> {
  const schema = tool.inputSchema;
  const refused = refuseSchema(schema);
  if (refused !== undefined) return { path: '', reason: refused };
  const empty = takesNothing(schema);
  const seen = new Set<string>();
  if (empty) {
    seen.add('{}');
    yield {};
  }
  let checker: Checker;
  try {
    checker = await checkerFor(schema);
  } catch (error) {
    return seen.size > 0 ? undefined : { path: '', reason: messageOf(error) };
  }
  let problem: NoArguments | undefined;
  for (const attempt of attempts) {
    const { args, trouble } = await attemptArguments(tool, checker, { around, random, attempt });
    if (args === undefined) {
      problem ??= trouble;
      continue;
    }
    const key = JSON.stringify(args);
    if (seen.has(key)) continue;
    seen.add(key);
    yield args;
  }
  return seen.size > 0 ? undefined : problem;
}

async function attemptArguments(
  tool: CatalogueTool,
  checker: Checker,
  how: { around: Surroundings; random: Random; attempt: Attempt },
): Promise<{ args?: JsonObject; trouble?: NoArguments }> {
  const about = { name: tool.name, description: tool.description ?? '' };
  try {
    const args = await generateArguments(tool.inputSchema, { tool: about, ...how });
    const faults = checker.check(args);
    if (faults.length === 0) return { args };
    const faked =
      how.attempt.choice === 0 ? await fakeArguments(tool.inputSchema, checker, how.random) : undefined;
    return faked ? { args: faked } : { trouble: troubleOf(faults) };
  } catch (error) {
    if (error instanceof ImpossibleValue) return { trouble: { path: error.path, reason: error.message } };
    throw error;
  }
}

function troubleOf(faults: readonly SchemaFault[]): NoArguments {
  const [first] = faults;
  return {
    path: first?.path ?? '',
    reason: `no value was found that fits its schema (it ${first?.message ?? 'differs'})`,
  };
}

/** What the more unusual keywords want (if, not, dependentRequired, …) is left to json-schema-faker. */
async function fakeArguments(
  schema: JsonObject,
  checker: Checker,
  random: Random,
): Promise<JsonObject | undefined> {
  if (!withinReach(schema)) return undefined;
  const { generateSync } = await import('json-schema-faker');
  for (let seed = 1; seed <= 3; seed++) {
    let made: Json;
    try {
      made = generateSync(schema as never, {
        seed: random.integer(1, 1_000_000) + seed,
        maxDepth: 6,
        maxDefaultItems: 2,
        refDepthMax: 3,
        useDefaultValue: true,
        useExamplesValue: true,
        optionalsProbability: 0,
      }) as Json;
    } catch {
      return undefined;
    }
    if (isJsonObject(made) && checker.check(made).length === 0) return made;
  }
  return undefined;
}

/** False for what would make a generator work without end: huge counts, references that lead outside or nowhere. */
function withinReach(schema: JsonObject): boolean {
  const local = new LocalSchema(schema);
  let inside = true;
  const visit = (value: Json): void => {
    if (!inside || typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value)) {
      for (const key of ['minItems', 'minLength', 'minProperties', 'minContains']) {
        if (typeof value[key] === 'number' && value[key] > 100) inside = false;
      }
      if (
        typeof value['pattern'] === 'string' &&
        (value['pattern'].length > 200 || /\{\d{3,}/.test(value['pattern']))
      ) {
        inside = false;
      }
      if (typeof value['$ref'] === 'string') {
        try {
          local.resolve({ $ref: value['$ref'] }, '');
        } catch {
          inside = false;
        }
      }
    }
    for (const child of Object.values(value)) visit(child);
  };
  visit(schema);
  return inside;
}
