import { DynoError, type JsonObject } from '../core/index.js';
import type { CallToolResult, ToolDefinition, ToolHandler } from '../protocol/index.js';

/** Says what is wrong with arguments, undefined where nothing is. */
type FullCheck = (args: JsonObject) => string | undefined;

/** Compiles whole JSON Schemas; loaded only when asked for, since it is the slowest thing to load. */
export async function loadFullCheck(): Promise<(schema: JsonObject) => FullCheck> {
  const [{ Ajv2020 }, formats] = await Promise.all([import('ajv/dist/2020.js'), import('ajv-formats')]);
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  const addFormats = formats.default as unknown as { default: (target: typeof ajv) => void };
  addFormats.default(ajv);
  return (schema) => {
    const validate = ajv.compile(schema);
    return (args) => (validate(args) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'arguments' }));
  };
}

/** A handler that refuses arguments breaking the whole schema, dies of them, or never answers. */
export function withFullCheck(
  tool: ToolDefinition,
  handler: ToolHandler,
  check: FullCheck,
  { onDeath, hangs }: { onDeath?: (why: string) => void; hangs: boolean },
): ToolHandler {
  return (args, call) => {
    const wrong = check(args);
    if (wrong === undefined) return handler(args, call);
    if (hangs) return new Promise(() => undefined);
    onDeath?.(`TypeError: cannot read the arguments of ${tool.name}: ${wrong}`);
    return refused(`Invalid arguments for tool ${tool.name}: ${wrong}`);
  };
}

function refused(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] };
}

/** What a process that dies on purpose throws where it cannot end itself (in a process of someone else's). */
export function deathError(why: string): DynoError {
  return new DynoError(`The reference server died as told: ${why}`, { code: 'reference-died' });
}
