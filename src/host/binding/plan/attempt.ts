import type { Clock } from '../../../core/clock.js';
import { DynoError } from '../../../core/errors.js';
import { WireError } from '../../../protocol/wire-error.js';
import type { CallToolResult, Tool } from '../../../protocol/types.js';
import type { RetryPolicy } from './plan-types.js';

/** Thrown when an attempt took longer than it may. */
export class AttemptTimeout extends DynoError {
  constructor(timeoutMs: number) {
    super(`No answer within ${timeoutMs} ms`, { code: 'attempt-timeout' });
  }
}

/** True for a tool that does no more when it is called twice: by its own word, read-only or idempotent. */
export function mayRepeat(tool: Tool): boolean {
  return tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true;
}

/** True for a failure that another try may not meet: the way to the server failed, not what was asked of it. */
export function isTransient(thrown: unknown): boolean {
  if (thrown instanceof AttemptTimeout) return true;
  if (!(thrown instanceof WireError)) return false;
  switch (thrown.outcome) {
    case 'connect':
    case 'transport':
    case 'timeout':
    case 'throttled':
      return true;
    case 'http':
      return thrown.status !== undefined && thrown.status >= 500;
    default:
      return false;
  }
}

/** Runs a call that ends at the latest after `timeoutMs`, or with the signal, even where the callee ignores both. */
export async function withDeadline(
  call: (signal: AbortSignal) => Promise<CallToolResult>,
  timeoutMs: number,
  signal: AbortSignal,
  clock: Clock,
): Promise<CallToolResult> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const cancelTimer = clock.after(timeoutMs, () => {
    controller.abort(new AttemptTimeout(timeoutMs));
  });
  const abort = () => {
    controller.abort(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<CallToolResult>((resolve, reject) => {
      controller.signal.addEventListener(
        'abort',
        () => {
          reject(controller.signal.reason as Error);
        },
        { once: true },
      );
      call(controller.signal).then(resolve, reject);
    });
  } finally {
    cancelTimer();
    signal.removeEventListener('abort', abort);
  }
}

/** A policy with its defaults. */
export function policyOf(
  retry: RetryPolicy | false | undefined,
): Required<{ [K in keyof RetryPolicy]: number }> {
  if (retry === false) return { maxAttempts: 1, backoffMs: 0, maxBackoffMs: 0 };
  return {
    maxAttempts: Math.max(1, retry?.maxAttempts ?? 3),
    backoffMs: Math.max(0, retry?.backoffMs ?? 200),
    maxBackoffMs: Math.max(0, retry?.maxBackoffMs ?? 5_000),
  };
}
