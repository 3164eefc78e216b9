import { isJsonObject, type JsonObject } from '../../core/json.js';
import { seededRandom } from '../../core/random.js';
import { argumentVariants, Surroundings } from '../../plan/arguments/index.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import type { McpConnection, Tool } from '../../protocol/index.js';
import type { TestContext } from '../suite-test.js';
import type { StandIn } from './stand-in.js';

/** A tool that asks its client something, and how to call it. */
export interface AskingCall {
  tool: string;
  args: JsonObject;
  /** An argument whose text comes back in what the tool asks: tells whose question it was. */
  carries: string | undefined;
  /** What it asks. */
  methods: readonly string[];
  operation: OperationPlan;
}

/** Tools that are tried at most, and sets of arguments of each. */
const mostTools = 50;
const mostVariants = 3;
/** How long a tried call may take, ms. */
const tryMs = 10_000;

/**
 * The tools that ask back, among those of the mix and those that were left out of it only because they failed: without anybody
 * to ask, such tools fail.
 */
export async function askingCalls(
  context: TestContext,
  connection: McpConnection,
  client: StandIn,
): Promise<AskingCall[]> {
  const tools = await connection.listTools();
  const named = [...context.operations.flatMap(({ tool }) => tool ?? []), ...(context.failed ?? [])];
  const found: AskingCall[] = [];
  for (const name of [...new Set(named)].slice(0, mostTools)) {
    const tool = tools.find((each) => each.name === name);
    if (tool === undefined || context.stop.aborted) continue;
    const call = await tried(context, { connection, client, tool });
    if (call !== undefined) found.push(call);
  }
  return found;
}

interface Trial {
  connection: McpConnection;
  client: StandIn;
  tool: Tool;
}

async function tried(context: TestContext, trial: Trial): Promise<AskingCall | undefined> {
  const { tool } = trial;
  const known = context.operations.find((each) => each.tool === tool.name);
  for (const args of await argumentsFor(known, tool)) {
    const methods = await askedBy(trial, args);
    // A server may ask by itself at any time; a tool that asks does so every time.
    if (methods.length === 0 || (await askedBy(trial, args)).length === 0) continue;
    const operation: OperationPlan = known ?? {
      name: `tools/call ${tool.name}`,
      method: 'tools/call',
      tool: tool.name,
      weight: 1,
      params: [],
      inputSchema: tool.inputSchema,
    };
    return {
      tool: tool.name,
      args,
      carries: await carrier(trial, args),
      methods,
      operation: { ...operation, weight: 1, params: [{ name: tool.name, arguments: args }] },
    };
  }
  return undefined;
}

async function argumentsFor(known: OperationPlan | undefined, tool: Tool): Promise<JsonObject[]> {
  const given = known?.params[0]?.['arguments'];
  if (known !== undefined) return [isJsonObject(given) ? given : {}];
  const made: JsonObject[] = [];
  const random = seededRandom(1).fork(`arguments/${tool.name}`);
  for await (const args of argumentVariants(tool, new Surroundings(), random)) {
    made.push(args);
    if (made.length === mostVariants) break;
  }
  return made;
}

/** What a call asked, by method; empty too where it failed. */
async function askedBy({ connection, client, tool }: Trial, args: JsonObject): Promise<string[]> {
  const before = client.answered.length;
  try {
    await connection.callTool(tool.name, args, { timeoutMs: tryMs });
  } catch {
    return [];
  }
  return [...new Set(client.answered.slice(before).map(({ method }) => method))];
}

/** The first text among the arguments that the tool passes on in its question. */
async function carrier(trial: Trial, args: JsonObject): Promise<string | undefined> {
  const { properties } = trial.tool.inputSchema;
  if (!isJsonObject(properties)) return undefined;
  for (const [name, schema] of Object.entries(properties)) {
    if (!isJsonObject(schema) || !takesMarks(schema)) continue;
    const { client } = trial;
    const mark = client.callMark();
    const before = client.answered.length;
    await askedBy(trial, { ...args, [name]: mark });
    if (client.answered.slice(before).some(({ asked }) => asked.includes(mark))) return name;
  }
  return undefined;
}

function takesMarks(schema: JsonObject): boolean {
  const { type, maxLength } = schema;
  if (['enum', 'const', 'format', 'pattern'].some((key) => schema[key] !== undefined)) return false;
  return type === 'string' && (typeof maxLength !== 'number' || maxLength >= 40);
}
