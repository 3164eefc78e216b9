import type { JsonObject } from '../../core/json.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import type { McpConnection } from '../../protocol/index.js';
import { figure } from '../figure.js';
import type { TestContext } from '../suite-test.js';

/** A call whose usual time is known. */
export interface KnownCall {
  /** Such as `tools/call echo`. */
  name: string;
  /** ms */
  usualMs: number;
  make(connection: McpConnection, signal: AbortSignal): Promise<unknown>;
}

/** How often each is tried, and how many tools at most. */
const tries = 3;
const mostTools = 20;
/** A slow call takes at least so many times a quick one. */
const leastRatio = 5;

/**
 * The slowest of the tools that may be called, and the quickest call beside it: another tool, or where they are all slow a ping
 * or a listing. Or why there are none.
 */
export async function quickAndSlow(
  context: TestContext,
  connection: McpConnection,
  leastSlowMs: number,
): Promise<{ quick: KnownCall; slow: KnownCall } | { reason: string }> {
  if (!context.operations.some((one) => one.tool !== undefined))
    return { reason: 'the target has no tool that is called' };
  const tools = await knownTools(context, connection);
  const slow = slowestOf(tools);
  if (slow === undefined) return { reason: 'no tool that may be called answers' };
  if (slow.usualMs < leastSlowMs) {
    return {
      reason:
        `no tool is slow enough to hold up others: the slowest that may be called, ${toolName(slow)}, takes ` +
        `${figure(slow.usualMs)} ms (${figure(leastSlowMs)} needed); name a slow one with --tool, beside a quick one`,
    };
  }
  const light: Omit<KnownCall, 'usualMs'> = {
    name: connection.era === 'session' ? 'ping' : 'server/discover',
    make: (over, signal) => over.ping({ signal }),
  };
  for (const quick of [
    ...tools.filter((one) => one !== slow).sort((a, b) => a.usualMs - b.usualMs),
    await tried(context, connection, light),
  ]) {
    if (quick !== undefined && slow.usualMs >= leastRatio * quick.usualMs) return { quick, slow };
  }
  return { reason: `no call is quick enough beside ${toolName(slow)} (${figure(slow.usualMs)} ms)` };
}

/** The tools that may be called and answer, with the time that each takes. */
export async function knownTools(context: TestContext, connection: McpConnection): Promise<KnownCall[]> {
  const tools: KnownCall[] = [];
  for (const operation of context.operations.filter((one) => one.tool !== undefined).slice(0, mostTools)) {
    if (context.stop.aborted) break;
    const known = await tried(context, connection, toolCall(operation));
    if (known !== undefined) tools.push(known);
  }
  return tools;
}

/** The slowest of some calls. */
export function slowestOf(tools: readonly KnownCall[]): KnownCall | undefined {
  return tools.reduce<KnownCall | undefined>(
    (most, one) => (most === undefined || one.usualMs > most.usualMs ? one : most),
    undefined,
  );
}

function toolCall({ name, tool, params }: OperationPlan): Omit<KnownCall, 'usualMs'> {
  let next = 0;
  return {
    name,
    make: (connection, signal) => {
      const { arguments: args } = params[next++ % Math.max(1, params.length)] ?? {};
      return connection.callTool(tool!, (args ?? {}) as JsonObject, { signal });
    },
  };
}

/** The quickest of some calls one after another, since a slow tool is always slow; undefined where one fails. */
async function tried(
  { stop }: TestContext,
  connection: McpConnection,
  call: Omit<KnownCall, 'usualMs'>,
): Promise<KnownCall | undefined> {
  const times: number[] = [];
  try {
    for (let i = 0; i < tries; i++) {
      const at = performance.now();
      await call.make(connection, stop);
      times.push(performance.now() - at);
    }
  } catch {
    return undefined;
  }
  return { ...call, usualMs: Math.min(...times) };
}

/** The tool's name without its method. */
export function toolName({ name }: KnownCall): string {
  return name.replace(/^tools\/call /, '');
}
