import {
  didYouMean,
  isJsonObject,
  printableLine,
  usageError,
  type Json,
  type JsonObject,
} from '../../core/index.js';
import { severities } from '../../core/severities.js';
import { fillTemplates, type GivenArguments, type Surroundings } from '../arguments/index.js';
import type { OperationPlan } from '../load-plan.js';
import { completionSets, refsOf } from './completion-sets.js';
import { insteadOf, operationMethods, type OperationMethod } from './methods.js';
import { NamedArguments } from './named-arguments.js';
import type { ServerAccess } from './server-access.js';
import { expandTemplate, isTemplate, variablesOf } from './uri-variables.js';
import type { OperationWish } from './wish.js';

/** Resources, prompts or completions that one operation goes through in turn, at most. */
const mostInTurn = 100;

/** What operations are planned from. */
export interface OperationsRequest {
  wishes: readonly OperationWish[];
  server: ServerAccess;
  given: GivenArguments;
  around: Surroundings;
  saved: ReadonlyMap<string, Json>;
  seed: number;
  /** Wall-clock time, ms since the epoch. */
  now: number;
}

/** Operations that are no calls of tools, ready to be loaded. */
export interface PlannedOperations {
  operations: OperationPlan[];
  warnings: string[];
}

/**
 * Holds what `--operation` asks for against the server, and finds the params of each: what has a name is tried once before
 * the load, and what fails is refused, so that no load measures a mistake. Calls of tools are not planned here.
 *
 * @throws DynoError (104) for what the server cannot do, does not have (with the nearest) or refuses.
 */
export async function planOperations(request: OperationsRequest): Promise<PlannedOperations> {
  const planner = new OperationPlanner(request);
  const planned: OperationPlan[] = [];
  for (const wish of request.wishes) {
    if (wish.method !== 'tools/call') planned.push(...(await planner.plan(wish)));
  }
  return { operations: planned, warnings: planner.warnings };
}

class OperationPlanner {
  readonly warnings: string[] = [];
  readonly #request: OperationsRequest;
  readonly #server: ServerAccess;
  readonly #arguments: NamedArguments;

  constructor(request: OperationsRequest) {
    this.#request = request;
    this.#server = request.server;
    this.#arguments = new NamedArguments(request);
  }

  async plan(wish: OperationWish): Promise<OperationPlan[]> {
    checkSupport(wish, this.#server);
    const { method, name, weight } = wish;
    switch (method) {
      case 'resources/read':
        return [this.#named(wish, await this.#reads(wish))];
      case 'resources/subscribe': {
        const params = await this.#subscriptions(wish);
        const back = { ...wish, method: 'resources/unsubscribe' };
        return [this.#named(wish, params), this.#named(back, params)];
      }
      case 'prompts/get':
        return [this.#named(wish, await this.#prompts(wish))];
      case 'completion/complete':
        return [this.#named(wish, await this.#completions(wish))];
      case 'logging/setLevel':
        return [this.#named(wish, [{ level: levelOf(name) }])];
      default:
        return [{ name: method, method, weight, params: [{}] }];
    }
  }

  #named(
    { method, name, weight }: { method: string; name: string | undefined; weight: number },
    params: JsonObject[],
  ): OperationPlan {
    return { name: name === undefined ? method : `${method} ${name}`, method, weight, params };
  }

  async #reads(wish: OperationWish): Promise<JsonObject[]> {
    const listed = await this.#server.resources();
    const templates = await this.#server.templates();
    useWholeName(wish, [...listed, ...templates]);
    const { name } = wish;
    if (name === undefined) {
      if (listed.length === 0)
        throw nothingListed(wish, 'resource', "Name one: --operation 'resources/read URI'.");
      return await this.#working(
        wish,
        atMost(listed).map((uri) => ({ uri })),
        listed.length,
      );
    }
    if (isTemplate(name)) return await this.#fromTemplate(wish, name, templates);
    if (this.#server.request === undefined) {
      if (!listed.includes(name))
        this.warnings.push(
          `The server does not list the resource '${printableLine(name, 200)}'; only reading it tells whether it has it.`,
        );
      return [{ uri: name }];
    }
    const tried = await this.#server.request('resources/read', { uri: name });
    if (!tried.ok && !listed.includes(name)) {
      const hint =
        didYouMean(name, [...listed, ...templates]) ?? someOf('It lists', [...listed, ...templates]);
      throw usageError(`The server has no resource '${printableLine(name, 200)}' (${saying(tried)})`, hint);
    }
    // A listed resource that cannot be read is the server's own fault, and worth measuring.
    if (!tried.ok)
      this.warnings.push(`${wish.method} ${printableLine(name, 200)} failed at first: ${saying(tried)}`);
    return [{ uri: name }];
  }

  async #fromTemplate(
    wish: OperationWish,
    template: string,
    templates: readonly string[],
  ): Promise<JsonObject[]> {
    if (!templates.includes(template)) {
      throw usageError(
        `The server has no URI template '${printableLine(template, 200)}'`,
        didYouMean(template, templates) ?? someOf('It lists', templates),
      );
    }
    const names = variablesOf(template);
    if (names === undefined) {
      throw usageError(
        `No URIs can be made of the template '${printableLine(template, 200)}': only {name} and {+name} are understood`,
        "Name a URI instead: --operation 'resources/read URI'.",
      );
    }
    const sets = await this.#arguments.sets({
      name: template,
      method: wish.method,
      arguments: names.map((name) => ({ name, required: true })),
      ref: { type: 'ref/resource', uri: template },
      request: (values) => ({ uri: expandTemplate(template, values) }),
    });
    return sets.map((values) => ({ uri: expandTemplate(template, values) }));
  }

  async #subscriptions(wish: OperationWish): Promise<JsonObject[]> {
    const listed = await this.#server.resources();
    useWholeName(wish, listed);
    if (wish.name === undefined) {
      if (listed.length === 0)
        throw nothingListed(wish, 'resource', "Name one: --operation 'resources/subscribe URI'.");
      return await this.#working(
        wish,
        atMost(listed).map((uri) => ({ uri })),
        listed.length,
      );
    }
    // Some servers take subscriptions to anything: a slip must not be loaded as if it meant something.
    const params = listed.includes(wish.name)
      ? [{ uri: wish.name }]
      : await this.#reads({ ...wish, method: 'resources/read' });
    return await this.#working(wish, params, params.length);
  }

  async #prompts(wish: OperationWish): Promise<JsonObject[]> {
    const listed = await this.#server.prompts();
    useWholeName(
      wish,
      listed.map(({ name }) => name),
    );
    const { name } = wish;
    const chosen = name === undefined ? atMost(listed) : listed.filter((prompt) => prompt.name === name);
    if (chosen.length === 0) {
      if (name === undefined) throw nothingListed(wish, 'prompt');
      const names = listed.map((prompt) => prompt.name);
      throw usageError(
        `The server has no prompt '${printableLine(name, 100)}' (--operation)`,
        didYouMean(name, names) ?? someOf('It has', names),
      );
    }
    const params: JsonObject[] = [];
    for (const prompt of chosen) {
      const asked = (values: Readonly<Record<string, string>>): JsonObject => ({
        name: prompt.name,
        arguments: { ...values },
      });
      const sets = await this.#arguments
        .sets({
          name: prompt.name,
          method: wish.method,
          description: prompt.description,
          arguments: prompt.arguments ?? [],
          ref: { type: 'ref/prompt', name: prompt.name },
          request: asked,
        })
        .catch((error: unknown) => {
          if (name !== undefined) throw error;
          this.warnings.push(error instanceof Error ? error.message : String(error));
          return [];
        });
      params.push(...sets.map(asked));
    }
    if (params.length === 0)
      throw usageError(`No prompt can be loaded: ${this.warnings.at(-1) ?? 'none works'}`);
    return params;
  }

  async #completions(wish: OperationWish): Promise<JsonObject[]> {
    const [prompts, templates] = await Promise.all([this.#server.prompts(), this.#server.templates()]);
    useWholeName(wish, [...prompts.map(({ name }) => name), ...templates]);
    const refs = refsOf(prompts, templates);
    const { name } = wish;
    const chosen = name === undefined ? refs : refs.filter((ref) => ref.name === name);
    if (chosen.length === 0) {
      if (name === undefined) throw nothingListed(wish, 'argument to be completed');
      const names = refs.map((ref) => ref.name);
      throw usageError(
        `The server has no prompt and no URI template '${printableLine(name, 100)}' with arguments to be completed`,
        didYouMean(name, names) ?? someOf('It has', names),
      );
    }
    const given = name === undefined ? undefined : this.#arguments.given(wish.method, name);
    const sets = completionSets(
      chosen,
      given?.map((set) => this.#filled(set)),
    );
    return await this.#working(wish, atMost(sets), sets.length);
  }

  #filled(set: JsonObject): JsonObject {
    const { saved, now } = this.#request;
    return fillTemplates(set, { index: 0, random: this.#arguments.random, now, saved: new Map(saved) });
  }

  /** Those of many params that are answered, each tried once; the others are named. */
  async #working(wish: OperationWish, all: JsonObject[], of: number): Promise<JsonObject[]> {
    const { method } = wish;
    if (of > all.length) this.warnings.push(`${method}: the first ${all.length} of ${of}, in turn.`);
    const { request } = this.#server;
    if (request === undefined) return all;
    const failed: string[] = [];
    const working: JsonObject[] = [];
    for (const params of all) {
      const tried = await request(method, params);
      if (tried.ok) working.push(params);
      else failed.push(`${printableLine(JSON.stringify(params), 120)}: ${saying(tried)}`);
      if (tried.ok && method === 'resources/subscribe') await request('resources/unsubscribe', params);
    }
    const [first] = failed;
    if (first !== undefined && working.length > 0) {
      this.warnings.push(
        `${method}: ${failed.length} of ${all.length} failed at first and are left out, such as ${first}`,
      );
    } else if (first !== undefined) {
      throw usageError(`${method} fails for all that it would be loaded with, such as ${first}`);
    }
    return working;
  }
}

/** @throws DynoError (104) where the server's era or capabilities rule the method out. */
function checkSupport({ method }: OperationWish, server: ServerAccess): void {
  const { era, capability }: OperationMethod = operationMethods[method];
  if (era !== undefined && era !== server.era) {
    throw usageError(
      `${method} is of the ${era} era, and this server speaks ${printableLine(server.protocolVersion, 30)}`,
      insteadOf[method],
    );
  }
  if (capability === undefined || hasCapability(server, capability)) return;
  throw usageError(
    `The server has no capability '${capability}', so ${method} cannot be loaded`,
    `It has: ${printableLine(Object.keys(server.capabilities).join(', ') || 'none', 200)}.`,
  );
}

function hasCapability({ capabilities, protocolVersion }: ServerAccess, path: string): boolean {
  // Completions were declared from 2025-03-26 on; before, any server might have them.
  if (path === 'completions' && protocolVersion < '2025-03-26') return true;
  let at: Json | undefined = capabilities;
  for (const step of path.split('.')) at = isJsonObject(at) ? at[step] : undefined;
  return at !== undefined && at !== false;
}

/** A name that ends in `=1` and is listed so was meant so. */
function useWholeName(wish: OperationWish, listed: readonly string[]): void {
  if (wish.unweighted === undefined || !listed.includes(wish.unweighted)) return;
  wish.name = wish.unweighted;
  wish.weight = 1;
}

function levelOf(name: string | undefined): string {
  if (name === undefined) return 'warning';
  if ((severities as readonly string[]).includes(name)) return name;
  throw usageError(
    `There is no log level '${printableLine(name, 40)}'`,
    didYouMean(name, severities) ?? `Levels: ${severities.join(', ')}.`,
  );
}

function nothingListed({ method }: OperationWish, what: string, hint?: string): Error {
  return usageError(`The server lists no ${what}, so there is nothing for ${method}`, hint);
}

function atMost<T>(items: readonly T[]): T[] {
  return items.slice(0, mostInTurn);
}

function someOf(before: string, names: readonly string[]): string {
  if (names.length === 0) return `${before} none.`;
  const some = names.slice(0, 8).map((name) => printableLine(name, 80));
  return `${before}: ${some.join(', ')}${names.length > 8 ? ', …' : ''}.`;
}

function saying(tried: { class: string; message: string }): string {
  return printableLine(`${tried.class}: ${tried.message}`, 200);
}
