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
  /** So many times the budget may be taken as long as the pace promises all that are wanted within it; 1 unless given. */
  stretch?: number;
  /** One that takes longer to open has failed, ms. */
  timeoutMs: number;
  stop: AbortSignal;
  /** Looks before each one whether the machine can hold more; a sentence's part where it cannot. */
  roomLeft?: (held: number) => string | undefined;
  /** So many are opened beside each other once the first, which is opened alone, has answered; 1 unless given. */
  atOnce?: number;
}

/** Why no more were opened. */
export type RaiseEnd =
  | { kind: 'wanted' | 'time' | 'stopped' }
  | { kind: 'machine'; why: string }
  /** The target (or what stands before it) refused three times in a row. */
  | { kind: 'refused'; why: string };

/** Connections that were opened and are still open. */
export interface Raised {
  connections: McpConnection[];
  /**
   * How long each took that was opened alone, from the TCP connection (or the start of a process) to the answer of the
   * handshake, ms.
   */
  openMs: number[];
  /** How long those took that were opened beside each other, ms. */
  besideMs: number[];
  end: RaiseEnd;
  /** Refusals after which another attempt succeeded. */
  setbacks: number;
}

/** Pauses before another attempt, ms: what is refused for a moment only is no limit. */
const retryAfterMs = [50, 250];

/**
 * Opens connections one after the other, or some beside each other until one is refused; from then on one after the other,
 * so that the count at the first refusal is exact. Never rejects.
 */
export async function raiseConnections(bench: Bench, plan: RaisePlan): Promise<Raised> {
  const raised: Raised = { connections: [], openMs: [], besideMs: [], end: { kind: 'wanted' }, setbacks: 0 };
  const began = performance.now();
  let atOnce = 1;
  let attempts = 0;
  while (raised.connections.length < plan.wanted) {
    if (plan.stop.aborted) return { ...raised, end: { kind: 'stopped' } };
    if (isTimeUp(plan, performance.now() - began, raised.connections.length))
      return { ...raised, end: { kind: 'time' } };
    const full = plan.roomLeft?.(raised.connections.length);
    if (full !== undefined) return { ...raised, end: { kind: 'machine', why: full } };
    const setback = await openSome(bench, plan, raised, atOnce);
    if (setback === undefined) {
      raised.setbacks += attempts;
      attempts = 0;
      if (raised.setbacks === 0) atOnce = plan.atOnce ?? 1;
      continue;
    }
    if (plan.stop.aborted) return { ...raised, end: { kind: 'stopped' } };
    const why = reasonOf(setback);
    if (/file descriptors|local ports/.test(why)) return { ...raised, end: { kind: 'machine', why } };
    atOnce = 1;
    const pause = retryAfterMs[attempts++];
    if (pause === undefined) return { ...raised, end: { kind: 'refused', why } };
    await wait(pause, undefined, { signal: plan.stop }).catch(() => undefined);
  }
  return raised;
}

function isTimeUp({ wanted, budgetMs, stretch = 1 }: RaisePlan, elapsedMs: number, held: number): boolean {
  const promised = (elapsedMs / held) * wanted;
  return elapsedMs > budgetMs && !(stretch > 1 && promised <= stretch * budgetMs);
}

/** Opens one, or as many as are opened at once; the first error, where there was one. */
async function openSome(
  bench: Bench,
  { wanted, timeoutMs, stop }: RaisePlan,
  raised: Raised,
  atOnce: number,
): Promise<{ cause: unknown } | undefined> {
  const count = Math.min(atOnce, wanted - raised.connections.length);
  const times = count === 1 ? raised.openMs : raised.besideMs;
  let setback: { cause: unknown } | undefined;
  const openOne = async () => {
    const at = performance.now();
    try {
      raised.connections.push(await bench.connect({ maxConnections: 1, timeoutMs, signal: stop }));
      times.push(performance.now() - at);
    } catch (cause) {
      setback ??= { cause };
    }
  };
  await Promise.all(Array.from({ length: count }, openOne));
  return setback;
}

/** What the wire said, without the words around it that name the target. */
function reasonOf({ cause: error }: { cause: unknown }): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof WireError) return printableLine(cause.message, 200);
  }
  return printableLine(messageOf(error), 200);
}
