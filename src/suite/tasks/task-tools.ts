import type { JsonObject } from '../../core/json.js';
import { seededRandom } from '../../core/random.js';
import { argumentVariants, Surroundings } from '../../plan/arguments/index.js';
import { judgeTool } from '../../plan/safety.js';
import { taskSupportOf, whyNoTasks } from '../../plan/task/index.js';
import { createTask, cancelTask, WireError, type McpConnection } from '../../protocol/index.js';
import type { TestContext } from '../suite-test.js';

/** A tool that runs as a task, and the arguments it is called with. */
export interface TaskTool {
  name: string;
  args: JsonObject;
}

/** How many tools are tried in the stateless era, where only an answer tells whether a tool runs as a task. */
const mostTried = 20;

/** The first tool that may be called and runs as a task; or why there is none. */
export async function taskTool(
  context: TestContext,
  connection: McpConnection,
): Promise<TaskTool | { reason: string }> {
  const lacking = whyNoTasks(connection);
  if (lacking !== undefined) return { reason: lacking };
  const named: TaskTool[] = context.operations.flatMap(({ tool, params }) =>
    tool === undefined ? [] : [{ name: tool, args: (params[0]?.['arguments'] ?? {}) as JsonObject }],
  );
  const found =
    connection.era === 'session'
      ? await bySupport(context, named)
      : await byTrying(context, connection, named.slice(0, mostTried));
  return found ?? { reason: 'no tool that may be called runs as a task; name one that does with --tool' };
}

/** Tools in the mix come first; one that runs only as a task failed its first call, and is not in it. */
async function bySupport({ bench }: TestContext, named: readonly TaskTool[]): Promise<TaskTool | undefined> {
  const able = bench.tools.filter((tool) => ['optional', 'required'].includes(taskSupportOf(tool) ?? ''));
  const known = named.find(({ name }) => able.some((tool) => tool.name === name));
  if (known !== undefined) return known;
  const none = new Set<string>();
  const policy = { named: none, all: false, allow: none, allowWrites: false, deny: none };
  for (const tool of able) {
    if (!judgeTool(tool, policy).call) continue;
    const made = await argumentVariants(tool, new Surroundings(), seededRandom(1)).next();
    if (made.done !== true) return { name: tool.name, args: made.value };
  }
  return undefined;
}

async function byTrying(
  { stop }: TestContext,
  connection: McpConnection,
  tools: readonly TaskTool[],
): Promise<TaskTool | undefined> {
  for (const tool of tools) {
    if (stop.aborted) return undefined;
    try {
      const id = await createTask(connection, tool.name, tool.args, { signal: stop });
      if (id === undefined) continue;
      await cancelTask(connection, id);
      return tool;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  return undefined;
}
