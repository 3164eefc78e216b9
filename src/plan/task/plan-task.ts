import { printableLine, seededRandom, usageError, type Json, type JsonObject } from '../../core/index.js';
import { argumentVariants, prepareSets, Surroundings, type GivenArguments } from '../arguments/index.js';
import type { CatalogueTool } from '../catalogue.js';
import type { OperationPlan } from '../load-plan.js';
import { checkNames, type Mix } from '../mix/index.js';
import type { ServerAccess } from '../operations/index.js';
import type { TurnPlan } from '../turn-plan.js';
import { taskSupportOf, whyNoTasks } from './task-support.js';

/** How long the server is asked to keep a task, ms (session era). */
const ttlMs = 60_000;

/** What a client of the stateless era says of itself that takes tasks for answers. */
const declaration: JsonObject = {
  'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
};

/** What calls as tasks are planned from. */
export interface TaskRequest {
  /** The tool. */
  name: string;
  tools: readonly CatalogueTool[];
  deny: ReadonlySet<string>;
  server: Pick<ServerAccess, 'era' | 'capabilities' | 'protocolVersion'>;
  given: GivenArguments;
  saved: ReadonlyMap<string, Json>;
  seed: number;
  /** Wall-clock time, ms since the epoch. */
  now: number;
}

/** Calls of one tool as tasks: operation 0 creates, 1 polls, 2 (session era) fetches the result. */
export interface PlannedTask {
  mix: Mix;
  turn: TurnPlan;
}

/**
 * Plans calls of a tool as tasks. Nothing is tried before the load: a task would be left behind.
 *
 * @throws DynoError (104): a server without tasks, a tool that there is not, is denied or runs as none, arguments that do not fit.
 */
export async function planTask(request: TaskRequest): Promise<PlannedTask> {
  const { name, tools, deny, server } = request;
  checkNames([name], tools, '--as-task');
  const lacking = whyNoTasks(server);
  if (lacking !== undefined)
    throw usageError(`${name} cannot be run as a task: ${printableLine(lacking, 200)}`);
  if (deny.has(name)) throw usageError(`--as-task and --deny both name '${printableLine(name, 100)}'`);
  const tool = tools.find((one) => one.name === name)!;
  const support = taskSupportOf(tool);
  if (server.era === 'session' && support !== 'optional' && support !== 'required') {
    const able = tools.filter((one) => ['optional', 'required'].includes(taskSupportOf(one) ?? ''));
    throw usageError(
      `${printableLine(name, 100)} does not run as a task: its execution.taskSupport is ${printableLine(support ?? 'absent', 40)}`,
      able.length === 0
        ? 'The server has no tool that does.'
        : `These do: ${printableLine(able.map((one) => one.name).join(', '), 200)}.`,
    );
  }
  const sets = await setsFor(request, tool);
  const mix: Mix = {
    operations: operationsFor(tool, sets, server.era),
    used: [{ name, because: 'named', weight: 1, args: sets[0]!, sets: sets.length, argsFrom: 'made' }],
    leftOut: [],
    readOnly: tools.filter((one) => one.annotations?.readOnlyHint === true).length,
    fallback: false,
    warnings: [],
  };
  return { mix, turn: { kind: 'task', era: server.era } };
}

async function setsFor(
  { name, given, seed, now, saved }: TaskRequest,
  tool: CatalogueTool,
): Promise<JsonObject[]> {
  const own = given.byTool.get(name) ?? given.forAll;
  if (own !== undefined) return await prepareSets(tool, own, { seed, now, saved, what: '--args' });
  const variants = argumentVariants(tool, new Surroundings(), seededRandom(seed).fork(`arguments/${name}`));
  const { value, done } = await variants.next();
  if (done !== true) return [value];
  throw usageError(
    `No arguments can be made for ${printableLine(name, 100)}: ${value?.reason ?? 'no value fits'}`,
    `Give it arguments: --args '{…}'`,
  );
}

function operationsFor(
  { name, inputSchema }: CatalogueTool,
  sets: readonly JsonObject[],
  era: 'session' | 'stateless',
): OperationPlan[] {
  const how: JsonObject = era === 'session' ? { task: { ttl: ttlMs } } : { _meta: declaration };
  const create: OperationPlan = {
    name: `tools/call ${name} (task)`,
    method: 'tools/call',
    tool: name,
    weight: 1,
    params: sets.map((args) => ({ name, arguments: args, ...how })),
    inputSchema,
  };
  const poll: OperationPlan = {
    name: 'tasks/get',
    method: 'tasks/get',
    weight: 1,
    params: era === 'session' ? [{}] : [{ _meta: declaration }],
  };
  const fetch: OperationPlan = { name: 'tasks/result', method: 'tasks/result', weight: 1, params: [{}] };
  return era === 'session' ? [create, poll, fetch] : [create, poll];
}
