import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import { WireError, type McpConnection } from '../../protocol/index.js';
import type { Bench } from '../bench.js';

/** How connections are raised. */
export interface RaisePlan {
  /** So many at most. */
  wanted: number;
  /** No further one is begun after this time, ms. */
  budgetMs: number;
  /** One that takes longer to open has failed, ms. */
  timeoutMs: number;
  stop: AbortSignal;
  /** Looks before each one whether the machine can hold more; a sentence's part where it cannot. */
  roomLeft?: (held: number) => string | undefined;
}

/** Why no more were opened. */
export type RaiseEnd =
  | { kind: 'wanted' | 'time' | 'stopped' }
  | { kind: 'machine'; why: string }
  /** The target (or what stands before it) refused three times in a row. */
  | { kind: 'refused'; why: string };

/** Connections that were opened one after the other and are still open. */
export interface Raised {
  connections: McpConnection[];
  /** How long each took, from the TCP connection (or the start of a process) to the answer of the handshake, ms. */
  openMs: number[];
  end: RaiseEnd;
  /** Refusals after which another attempt succeeded. */
  setbacks: number;
}

/** Pauses before another attempt, ms: what is refused for a moment only is no limit. */
const retryAfterMs = [50, 250];

/** Opens connections one after the other, so that the count at the first refusal is exact. Never rejects. */
export async function raiseConnections(bench: Bench, plan: RaisePlan): Promise<Raised> {
  const raised: Raised = { connections: [], openMs: [], end: { kind: 'wanted' }, setbacks: 0 };
  const began = performance.now();
  let attempts = 0;
  while (raised.connections.length < plan.wanted) {
    if (plan.stop.aborted) return { ...raised, end: { kind: 'stopped' } };
    if (performance.now() - began > plan.budgetMs) return { ...raised, end: { kind: 'time' } };
    const full = plan.roomLeft?.(raised.connections.length);
    if (full !== undefined) return { ...raised, end: { kind: 'machine', why: full } };
    const at = performance.now();
    try {
      const { timeoutMs, stop } = plan;
      raised.connections.push(await bench.connect({ maxConnections: 1, timeoutMs, signal: stop }));
      raised.openMs.push(performance.now() - at);
      raised.setbacks += attempts;
      attempts = 0;
    } catch (error) {
      if (plan.stop.aborted) return { ...raised, end: { kind: 'stopped' } };
      const why = reasonOf(error);
      if (/file descriptors|local ports/.test(why)) return { ...raised, end: { kind: 'machine', why } };
      const pause = retryAfterMs[attempts++];
      if (pause === undefined) return { ...raised, end: { kind: 'refused', why } };
      await wait(pause, undefined, { signal: plan.stop }).catch(() => undefined);
    }
  }
  return raised;
}

/** What the wire said, without the words around it that name the target. */
function reasonOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof WireError) return printableLine(cause.message, 200);
  }
  return printableLine(messageOf(error), 200);
}
