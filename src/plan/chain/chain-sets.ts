import { didYouMean, usageError, type Json, type JsonObject, type Random } from '../../core/index.js';
import { checkerFor, fillTemplates, hasTemplate, templateNames } from '../arguments/index.js';
import type { CatalogueTool } from '../catalogue.js';
import type { ChainHole } from '../turn-plan.js';

/** How many sets are prepared where templates make each one different, and how large they may be together. */
const limits = { sets: 1000, characters: 8_000_000 };

/** What the arguments of a step are prepared with. */
export interface SetsContext {
  random: Random;
  /** Wall-clock time for `{{now}}`, ms since the epoch. */
  now: number;
  /** What setup calls kept. */
  saved: ReadonlyMap<string, Json>;
  /** Names that steps of the chain save, with the first step that does, from 0. */
  names: ReadonlyMap<string, number>;
  /** This step, from 0. */
  step: number;
  /** Names the step in errors. */
  where: string;
}

/** Arguments of a step: prepared but for what earlier steps will have kept. */
export interface ChainSet {
  args: JsonObject;
  /** Relative to the arguments. */
  holes: ChainHole[];
}

const simple = /\{\{\s*([A-Za-z_][\w-]*)\s*\}\}/g;

/**
 * The sets of arguments of one step. `{{name}}` of an earlier step stays open, other templates are filled, and what is known
 * is checked against the tool's schema.
 *
 * @throws DynoError (104): a name that is used before it is saved or never, arguments that cannot fit.
 */
export async function chainSets(
  tool: CatalogueTool,
  written: JsonObject,
  context: SetsContext,
): Promise<ChainSet[]> {
  const checker = await checkerFor(tool.inputSchema).catch(() => undefined);
  const sets: ChainSet[] = [];
  let characters = 0;
  let varied = true;
  while (varied && sets.length < limits.sets && characters < limits.characters) {
    const filler = new Filler(context, sets.length);
    const args = filler.fill(written, []) as JsonObject;
    varied = filler.varied;
    const set = { args, holes: filler.holes };
    if (checker !== undefined) check(tool, set, checker.errors(args), context.where);
    characters += JSON.stringify(args).length;
    sets.push(set);
  }
  return sets;
}

class Filler {
  readonly holes: ChainHole[] = [];
  /** A template was filled, so that the next set is another. */
  varied = false;
  readonly #context: SetsContext;
  readonly #index: number;

  constructor(context: SetsContext, index: number) {
    this.#context = context;
    this.#index = index;
  }

  fill(value: Json, at: (string | number)[]): Json {
    if (typeof value === 'string') return this.#text(value, at);
    if (Array.isArray(value)) return value.map((item, index) => this.fill(item, [...at, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.fill(item, [...at, key])]),
    );
  }

  #text(text: string, at: (string | number)[]): Json {
    const parts: ChainHole['parts'] = [];
    let from = 0;
    for (const match of text.matchAll(simple)) {
      if (!this.#isKept(match[1]!)) continue;
      if (match.index > from) parts.push({ text: text.slice(from, match.index) });
      parts.push({ name: match[1]! });
      from = match.index + match[0].length;
    }
    if (parts.length === 0) return this.#template(text);
    if (from < text.length) parts.push({ text: text.slice(from) });
    const filled = parts.map((part) => {
      if ('name' in part) return part;
      const value = this.#template(part.text);
      return { text: typeof value === 'string' ? value : JSON.stringify(value) };
    });
    this.holes.push({ at, parts: filled });
    return text;
  }

  /** Whether a name is one that an earlier step saves; what is neither that nor a template is refused. */
  #isKept(name: string): boolean {
    const { names, step, where } = this.#context;
    const saver = names.get(name);
    if (saver !== undefined && saver < step) return true;
    if (saver !== undefined) {
      const when = saver === step ? 'that very step' : `step ${saver + 1}`;
      throw usageError(
        `${where} uses '{{${name}}}' before it is saved: ${when} saves it`,
        'Steps run in their order.',
      );
    }
    if (templateNames.includes(name.toLowerCase())) return false;
    throw usageError(
      `${where} uses '{{${name}}}', which no step saves`,
      didYouMean(name, [...names.keys(), ...templateNames]) ??
        `An earlier step keeps it with "save": { "${name}": "$.…" }.`,
    );
  }

  #template(text: string): Json {
    const { random, now, saved } = this.#context;
    if (!hasTemplate(text)) return text;
    this.varied = true;
    return fillTemplates({ text }, { index: this.#index, random, now, saved })['text']!;
  }
}

type Fault =
  Awaited<ReturnType<typeof checkerFor>> extends { errors(value: Json): readonly (infer F)[] } ? F : never;

/** Faults that no value in a hole could mend. */
function check(tool: CatalogueTool, { holes }: ChainSet, faults: readonly Fault[], where: string): void {
  const open = holes.map(({ at }) => at.map((step) => `/${pointer(step)}`).join(''));
  for (const { instancePath, keyword, params, message } of faults) {
    const inHole = open.some((hole) => instancePath === hole || instancePath.startsWith(`${hole}/`));
    const around = open.some((hole) => hole.startsWith(`${instancePath}/`));
    const certain = keyword === 'required' || keyword === 'additionalProperties';
    if (inHole || (around && !certain)) continue;
    const name = params as { missingProperty?: string; additionalProperty?: string };
    const member = name.missingProperty ?? name.additionalProperty;
    const path = [...instancePath.split('/').slice(1), ...(member === undefined ? [] : [member])].join('.');
    const fault =
      name.missingProperty !== undefined
        ? 'is missing'
        : name.additionalProperty !== undefined
          ? 'is no known argument'
          : (message ?? keyword);
    throw usageError(
      `Expected 'args' of ${where} to fit the schema of ${tool.name}: ${path === '' ? 'it' : path} ${fault}`,
      'See its schema: dyno tools.',
    );
  }
}

function pointer(step: string | number): string {
  return String(step).replaceAll('~', '~0').replaceAll('/', '~1');
}
