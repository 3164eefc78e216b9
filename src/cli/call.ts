import {
  didYouMean,
  exitCodes,
  isJsonObject,
  messageOf,
  printable,
  printableLine,
  redact,
  secrets,
  systemClock,
  usageError,
  type ExitCode,
  type Json,
  type JsonObject,
} from '../core/index.js';
import { checkerFor, readSets } from '../plan/arguments/index.js';
import { WireError, type McpConnection, type Tool } from '../protocol/index.js';
import type { TargetSpec } from '../target/index.js';
import { number, painter } from '../report/index.js';
import type { CommandContext } from './command.js';
import { withConnection } from './connect.js';
import { eachTarget } from './each-target.js';
import { nameTarget } from './words.js';

/** `dyno call`: one call of one tool. Exit 99 when it fails or answers `isError`. */
export function run(context: CommandContext): Promise<ExitCode> {
  const { target, rest } = nameTarget(context);
  const [name, ...words] = rest;
  if (name === undefined) {
    throw usageError(
      'Expected the name of a tool to call',
      context.startCommand
        ? `It stands before --: dyno call TOOL '{"message":"hi"}' -- ${context.startCommand.slice(0, 3).join(' ')} …`
        : `Such as: dyno call http://127.0.0.1:3000/mcp TOOL '{"message":"hi"}'`,
    );
  }
  return eachTarget(context, target, (spec) => callTool(context, spec, name, words));
}

function callTool(
  context: CommandContext,
  spec: TargetSpec,
  name: string,
  words: readonly string[],
): Promise<ExitCode> {
  return withConnection(context, spec, async (connection) => {
    const tools = connection.capabilities['tools'] === undefined ? [] : await connection.listTools();
    const tool = tools.find((one) => one.name === name);
    if (!tool) {
      const names = tools.map((one) => one.name);
      throw usageError(
        `The server has no tool '${name}'`,
        didYouMean(name, names) ??
          (names.length === 0 ? 'It has none.' : `It has: ${printableLine(names.join(', '), 300)}.`),
      );
    }
    const args = argumentsFrom(words, tool, context.io.cwd);
    await warnOfFaults(context, tool, args);
    return callOnce(context, connection, name, args);
  });
}

/** JSON, @FILE, or `name=value` words whose types the schema decides. */
function argumentsFrom(words: readonly string[], tool: Tool, cwd: string): JsonObject {
  const [first, ...more] = words;
  if (first === undefined) return {};
  if (/^[{[@]/.test(first.trim())) {
    if (more.length > 0) throw usageError(`Expected one set of arguments, got also '${more[0]!}'`);
    const sets = readSets(first.trim(), 'the arguments', cwd);
    if (sets.length !== 1) throw usageError(`Expected one set of arguments, got ${sets.length}`);
    return sets[0]!;
  }
  const { properties } = tool.inputSchema;
  const known = isJsonObject(properties) ? properties : {};
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) {
        throw usageError(
          `Expected the arguments of ${tool.name} to be JSON, @FILE or name=value, got '${word}'`,
          `Such as '{"message":"hi"}' or message=hi.`,
        );
      }
      const name = word.slice(0, at);
      return [name, valueOf(word.slice(at + 1), known[name])];
    }),
  );
}

/** Text stays text where the schema wants text; else what JSON makes of it. */
function valueOf(text: string, schema: Json | undefined): Json {
  if (isJsonObject(schema) && schema['type'] === 'string') return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** Sending what does not fit may be just what somebody wants to see answered: a word, no refusal. */
async function warnOfFaults({ io, settings }: CommandContext, tool: Tool, args: JsonObject): Promise<void> {
  if (settings.quiet) return;
  const checker = await checkerFor(tool.inputSchema).catch(() => undefined);
  for (const { path, message } of checker?.check(args) ?? []) {
    io.stderr.write(
      redact(
        `dyno: the schema of ${printableLine(tool.name, 80)} says: ${path === '' ? 'it' : path} ${message}\n`,
      ),
    );
  }
}

async function callOnce(
  { io, settings, interrupts }: CommandContext,
  connection: McpConnection,
  tool: string,
  args: JsonObject,
): Promise<ExitCode> {
  const started = systemClock.now();
  const since = () => systemClock.now() - started;
  const paint = painter(io.stdout.colours);
  try {
    const result = (await connection.callTool(tool, args, {
      timeoutMs: settings.timeout,
      signal: interrupts.drain,
    })) as unknown as JsonObject;
    const ms = since();
    const failed = result['isError'] === true;
    if (settings.json)
      io.stdout.write(
        `${JSON.stringify(secrets.redactJson({ tool, arguments: args, ms, outcome: failed ? 'tool' : 'ok', result }))}\n`,
      );
    else {
      io.stdout.write(redact(`${contentText(result)}\n`));
      if (!settings.quiet)
        io.stderr.write(`${paint(failed ? 'bad' : 'good', failed ? 'isError' : 'ok')}  ${number(ms)} ms\n`);
    }
    return failed ? exitCodes.failed : exitCodes.pass;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const ms = since();
    if (settings.json) {
      const answer = {
        tool,
        arguments: args,
        ms,
        outcome: error.outcome,
        error: messageOf(error),
        response: error.response ?? null,
      };
      io.stdout.write(`${JSON.stringify(secrets.redactJson(answer))}\n`);
    } else
      io.stderr.write(redact(`${error.outcome}  ${number(ms)} ms  ${printableLine(error.message, 1000)}\n`));
    return exitCodes.failed;
  }
}

/** Texts as they are, other content named with its size, structured content as JSON. */
function contentText(result: JsonObject): string {
  const parts: string[] = [];
  for (const block of Array.isArray(result['content']) ? result['content'] : []) {
    if (!isJsonObject(block)) continue;
    if (block['type'] === 'text' && typeof block['text'] === 'string') parts.push(printable(block['text']));
    else parts.push(`[${printableLine(describeBlock(block), 200)}]`);
  }
  if (result['structuredContent'] !== undefined) {
    parts.push(printable(JSON.stringify(result['structuredContent'], null, 2)));
  }
  return parts.join('\n');
}

function describeBlock(block: JsonObject): string {
  const { type, mimeType, data, uri, name } = block;
  const size = typeof data === 'string' ? `, ${data.length} characters of base64` : '';
  return [type, mimeType, uri, name].filter((part) => typeof part === 'string').join(' ') + size;
}
