import {
  isJsonObject,
  messageOf,
  printableLine,
  seededRandom,
  usageError,
  type JsonObject,
  type Random,
} from '../../core/index.js';
import { argumentVariants, prepareSets } from '../arguments/index.js';
import type { OperationsRequest } from './operation-planner.js';

/** Values that a server suggests for one argument, at most. */
const mostSuggestions = 20;
const longestSuggestion = 1000;

/** Something whose arguments are texts: a prompt, or a URI template. */
export interface ArgumentTaker {
  name: string;
  method: string;
  description?: string | undefined;
  arguments: readonly { name: string; description?: string; required?: boolean }[];
  /** As `completion/complete` names it. */
  ref: JsonObject;
  /** The params of the request with these arguments. */
  request(values: Readonly<Record<string, string>>): JsonObject;
}

type Values = Record<string, string>;

/** Finds arguments for prompts and URI templates: those given, or made ones that the server answers. */
export class NamedArguments {
  readonly random: Random;
  readonly #request: OperationsRequest;

  constructor(request: OperationsRequest) {
    this.#request = request;
    this.random = seededRandom(request.seed).fork('operations');
  }

  /** What `--args` gives for `METHOD NAME`, for `NAME`, or for the only operation there is. */
  given(method: string, name: string): readonly JsonObject[] | undefined {
    const { byTool, forAll } = this.#request.given;
    const own = byTool.get(`${method} ${name}`) ?? byTool.get(name);
    return own ?? (this.#request.wishes.length === 1 ? forAll : undefined);
  }

  /** @throws DynoError (104) where the given do not fit or none of those made works. */
  async sets(taker: ArgumentTaker): Promise<Values[]> {
    const given = this.given(taker.method, taker.name);
    const tool = { name: taker.name, description: taker.description ?? '', inputSchema: schemaOf(taker, {}) };
    if (given !== undefined) {
      const { seed, now, saved } = this.#request;
      const sets = prepareSets(tool, given, { seed, now, saved, what: '--args' });
      return (await sets.catch((error: unknown) => {
        const names = taker.arguments.map(
          (argument) => argument.name + (argument.required === true ? '' : '?'),
        );
        throw usageError(
          messageOf(error),
          `It takes texts: ${printableLine(names.join(', ') || 'none', 200)}.`,
        );
      })) as Values[];
    }
    const suggested = await this.#suggestions(taker);
    const variants = argumentVariants(
      { ...tool, inputSchema: schemaOf(taker, suggested) },
      this.#request.around,
      this.random.fork(taker.name),
    );
    let why = '';
    let tried: JsonObject | undefined;
    for await (const values of variants) {
      const { request } = this.#request.server;
      const answer = await request?.(taker.method, taker.request(values as Values));
      if (answer === undefined || answer.ok) return alternatives(values as Values, suggested);
      tried ??= values;
      why ||= `${answer.class}: ${answer.message}`;
      if (answer.class === 'timeout') break;
    }
    throw usageError(
      `No made arguments work for ${taker.method} ${printableLine(taker.name, 100)}: ${printableLine(why || 'no value fits', 200)}`,
      `Give it arguments: --args '${printableLine(taker.name, 100)}=${printableLine(JSON.stringify(tried ?? {}), 120)}'`,
    );
  }

  /** What the server itself would complete each argument to; none where it completes nothing. */
  async #suggestions(taker: ArgumentTaker): Promise<Record<string, string[]>> {
    const { request, capabilities } = this.#request.server;
    if (request === undefined || capabilities['completions'] === undefined) return {};
    const found: Record<string, string[]> = {};
    for (const { name, required } of taker.arguments) {
      if (required !== true) continue;
      const answer = await request('completion/complete', { ref: taker.ref, argument: { name, value: '' } });
      const completion = answer.ok ? answer.result['completion'] : undefined;
      const values = isJsonObject(completion) ? completion['values'] : undefined;
      const texts = (Array.isArray(values) ? values : []).filter(
        (value) => typeof value === 'string' && value !== '' && value.length <= longestSuggestion,
      );
      if (texts.length > 0) found[name] = texts.slice(0, mostSuggestions) as string[];
    }
    return found;
  }
}

/** With a single argument that the server suggests values for, each of them in turn; else what worked. */
function alternatives(worked: Values, suggested: Record<string, string[]>): Values[] {
  const [only, ...others] = Object.keys(worked);
  const values = only === undefined || others.length > 0 ? undefined : suggested[only];
  return values === undefined ? [worked] : values.map((value) => ({ [only!]: value }));
}

function schemaOf(taker: ArgumentTaker, suggested: Record<string, string[]>): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(
      taker.arguments.map(({ name, description }) => [
        name,
        {
          type: 'string',
          ...(description === undefined ? {} : { description }),
          ...(suggested[name] === undefined ? {} : { enum: suggested[name] }),
        },
      ]),
    ),
    required: taker.arguments.filter(({ required }) => required === true).map(({ name }) => name),
    additionalProperties: false,
  };
}
