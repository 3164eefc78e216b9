import type { FailureClass } from '../../core/outcome.js';

/** An HTTP exchange that came to no complete answer. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly outcome: Extract<FailureClass, 'connect' | 'transport' | 'timeout' | 'parse'>;
  /** The system's error code, such as `ECONNREFUSED`, where there is one. */
  readonly code: string | undefined;

  constructor(outcome: HttpError['outcome'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.outcome = outcome;
    this.code = (cause as NodeJS.ErrnoException | undefined)?.code;
  }
}
