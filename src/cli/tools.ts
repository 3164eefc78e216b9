import { exitCodes, formatBytes, printableLine, redact, secrets, type ExitCode } from '../core/index.js';
import { commonPrefix, judgeTool, type SafetyVerdict } from '../plan/safety.js';
import type { McpConnection, Tool } from '../protocol/index.js';
import type { TargetSpec } from '../target/index.js';
import { count, fit, painter, table, wrap } from '../report/index.js';
import { catalogueSize } from '../suite/catalogue-size.js';
import type { CommandContext } from './command.js';
import { withConnection } from './connect.js';
import { eachTarget } from './each-target.js';
import { toolFaults } from '../suite/listing/tool-faults.js';
import { nameTarget, noWords } from './words.js';

/** Schemas take about a millisecond each to compile: so many are, to find faults that only a validator sees. */
const mostCompiled = 500;

/** What `dyno tools` says of one tool. */
interface ListedTool {
  name: string;
  tool: Tool;
  bytes: number;
  tokens: number;
  safety: SafetyVerdict;
  faults: string[];
}

/** `dyno tools`: the catalogue with sizes, safety and faults. */
export function run(context: CommandContext): Promise<ExitCode> {
  const { target, rest } = nameTarget(context);
  noWords(context.command, rest);
  return eachTarget(context, target, (spec) => listTools(context, spec));
}

function listTools(context: CommandContext, spec: TargetSpec): Promise<ExitCode> {
  return withConnection(context, spec, async (connection) => {
    const tools = connection.capabilities['tools'] === undefined ? [] : await connection.listTools();
    const prefix = commonPrefix(tools.map((tool) => tool.name));
    const listed: ListedTool[] = [];
    for (const [index, tool] of tools.entries()) listed.push(await look(tool, prefix, index < mostCompiled));
    if (context.settings.json) writeJson(context, connection, listed);
    else writeText(context, connection, listed);
    return exitCodes.pass;
  });
}

async function look(tool: Tool, prefix: number, compile: boolean): Promise<ListedTool> {
  const size = catalogueSize([tool]);
  const none = new Set<string>();
  const policy = { named: none, all: false, allow: none, allowWrites: false, deny: none };
  const { faults, advice } = await toolFaults(tool, compile);
  return {
    name: tool.name,
    tool,
    bytes: size.bytes,
    tokens: size.tokens,
    safety: judgeTool(tool, policy, prefix),
    faults: [...faults, ...advice],
  };
}

function writeJson({ io }: CommandContext, connection: McpConnection, listed: readonly ListedTool[]): void {
  const { serverInfo, protocolVersion, era, diagnostics } = connection;
  const size = catalogueSize(listed.map((one) => one.tool));
  const document = {
    server: serverInfo,
    protocolVersion,
    era,
    ...size,
    tools: listed.map(({ tool, bytes, tokens, safety, faults }) => ({
      ...tool,
      dyno: { bytes, tokens, safety, faults },
    })),
    dropped: diagnostics.droppedTools,
  };
  io.stdout.write(`${JSON.stringify(secrets.redactJson(document), null, 2)}\n`);
}

function writeText({ io }: CommandContext, connection: McpConnection, listed: readonly ListedTool[]): void {
  const { serverInfo, protocolVersion, diagnostics } = connection;
  const width = Math.max(40, Math.min(120, io.stdout.isTTY ? io.stdout.columns : 80));
  const paint = painter(io.stdout.colours);
  const size = catalogueSize(listed.map((one) => one.tool));
  const name = printableLine(`${serverInfo.name} ${serverInfo.version}`, 60);
  const total = `${size.tools} tools, ${formatBytes(size.bytes)}, about ${count(size.tokens)} tokens`;
  const lines = [paint('strong', `${name}  ·  protocol ${protocolVersion}  ·  ${total}`), ''];
  const rows = listed.map((one) => [
    printableLine(one.name, 80),
    argumentsOf(one.tool),
    count(one.bytes),
    count(one.tokens),
    one.safety.call ? 'called' : `no: ${one.safety.why}`,
  ]);
  const columns = [
    { title: 'tool', side: 'left', max: 40, keep: true },
    { title: 'arguments', side: 'left', max: 24 },
    { title: 'bytes', side: 'right' },
    { title: 'tokens', side: 'right' },
    { title: 'unasked', side: 'left', max: 40 },
  ] as const;
  if (rows.length > 0) lines.push(...table(columns, rows, width));
  const faulty = listed.filter((one) => one.faults.length > 0);
  if (faulty.length > 0) lines.push('', 'Faults:');
  for (const { name: tool, faults } of faulty) {
    const text = wrap(`${printableLine(tool, 60)}: ${faults.join('; ')}`, width - 4);
    lines.push(...text.map((line, index) => `${index === 0 ? '  ' : '    '}${line}`));
  }
  if (listed.length > mostCompiled) {
    lines.push(`Only the first ${mostCompiled} schemas were compiled to look for faults.`);
  }
  for (const { name: tool, reason } of diagnostics.droppedTools) {
    lines.push(
      fit(`  ${printableLine(tool, 60)} was left out by the protocol: ${printableLine(reason, 160)}`, width),
    );
  }
  io.stdout.write(redact(`${lines.join('\n')}\n`));
}

/** `path, tail?, head?`: names of the arguments, optional ones marked. */
function argumentsOf({ inputSchema }: Tool): string {
  const { properties, required } = inputSchema;
  const needed = Array.isArray(required) ? required : [];
  const names = Object.keys((properties ?? {}) as object);
  const sorted = [...names].sort((a, b) => Number(needed.includes(b)) - Number(needed.includes(a)));
  return printableLine(sorted.map((name) => (needed.includes(name) ? name : `${name}?`)).join(', '), 200);
}
