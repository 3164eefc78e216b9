import { isJsonObject, printableLine, type JsonObject } from '../../core/index.js';

/** The extension of the stateless era that tasks are. */
const extension = 'io.modelcontextprotocol/tasks';

/** Why a server can run no call as a task; undefined where it says that it can. */
export function whyNoTasks({
  era,
  capabilities,
  protocolVersion,
}: {
  era: 'session' | 'stateless';
  capabilities: JsonObject;
  protocolVersion: string;
}): string | undefined {
  if (era === 'stateless') {
    const { extensions } = capabilities;
    if (isJsonObject(extensions) && extensions[extension] !== undefined) return undefined;
    return `the server has no tasks: it does not declare the extension ${extension}`;
  }
  if (protocolVersion < '2025-11-25') {
    return `revision ${printableLine(protocolVersion, 30)} has no tasks; they came with 2025-11-25`;
  }
  let at: unknown = capabilities['tasks'];
  for (const step of ['requests', 'tools', 'call']) at = isJsonObject(at) ? at[step] : undefined;
  if (at !== undefined) return undefined;
  return 'the server has no tasks: its capabilities do not name tasks.requests.tools.call';
}

/** `optional`, `required` or `forbidden`, as a tool says; undefined where it says nothing. */
export function taskSupportOf(tool: object): string | undefined {
  const { execution } = tool as { execution?: unknown };
  const support = isJsonObject(execution) ? execution['taskSupport'] : undefined;
  return typeof support === 'string' ? support : undefined;
}
