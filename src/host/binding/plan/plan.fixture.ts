import { FakeClock } from '../../../core/clock.js';
import type { Json, JsonObject } from '../../../core/json.js';
import { seededRandom } from '../../../core/random.js';
import type { CallToolResult, Tool } from '../../../protocol/types.js';
import { WireError } from '../../../protocol/wire-error.js';
import { ToolDiscovery } from '../../discovery/discovery.js';
import { aTool } from '../../discovery/source.fixture.js';
import { adapterSource } from '../../discovery/sources/adapter-source.js';
import { ToolBinder } from '../binder.js';
import type { PlanStep, ToolStep } from './plan-types.js';

/** What a tool answers; `call` counts from 1. */
export type Answer = (
  args: JsonObject,
  signal: AbortSignal | undefined,
  call: number,
) => Json | Promise<Json>;

/** Marks of tools. */
export const readOnly = { annotations: { readOnlyHint: true } };
export const idempotent = { annotations: { idempotentHint: true } };
/** The way to the server fails. */
export const lost = () => Promise.reject(new WireError('connection reset', { outcome: 'transport' }));

/** Tools by name, each with what it answers; `calls` is filled in the order in which they begin and end. */
export async function made(answers: Record<string, Answer>, tools: Record<string, Partial<Tool>> = {}) {
  const clock = new FakeClock();
  const discovery = new ToolDiscovery({ clock });
  await discovery.addSource(
    adapterSource(
      's',
      Object.keys(answers).map((name) => aTool(name, '', tools[name])),
    ),
  );
  const calls: string[] = [];
  const seen: Record<string, JsonObject[]> = {};
  const binder = new ToolBinder({
    discovery,
    clock,
    random: seededRandom(7),
    async call({ tool, arguments: args, signal }): Promise<CallToolResult> {
      const { name } = tool;
      calls.push(`${name} begins`);
      const before = (seen[name] ??= []);
      before.push(args);
      const answer = await answers[name]!(args, signal, before.length);
      calls.push(`${name} ends`);
      if (answer === 'isError') return { content: [{ type: 'text', text: 'no such thing' }], isError: true };
      return typeof answer === 'string'
        ? { content: [{ type: 'text', text: answer }] }
        : { content: [], structuredContent: answer };
    },
  });
  return { clock, discovery, binder, calls, seen };
}

/** Parts of plans. */
export const tool = (id: string, more: Partial<ToolStep> = {}): ToolStep => ({
  kind: 'tool',
  id,
  tool: `s/${id}`,
  ...more,
});
export const sequential = (...steps: PlanStep[]): PlanStep => ({ kind: 'sequential', steps });
export const parallel = (...steps: PlanStep[]): PlanStep => ({ kind: 'parallel', steps });
/** An answer that comes after a while. */
export const after =
  (clock: () => FakeClock, ms: number, answer: Json): Answer =>
  () =>
    new Promise((resolve) => {
      clock().after(ms, () => {
        resolve(answer);
      });
    });
