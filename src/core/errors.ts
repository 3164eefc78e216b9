import { exitCodes, type ExitCode } from './exit-code.js';

/** What a {@link DynoError} is made of. */
export interface DynoErrorOptions {
  /** A stable, machine-readable name in kebab case, such as `target-unreachable`. */
  code: string;
  /** What to do next, one sentence. */
  hint?: string | undefined;
  /** The exit code that this error ends `dyno` with; 1 (internal) unless given. */
  exitCode?: ExitCode | undefined;
  cause?: unknown;
}

/** The one error type of this project: its message says what is wrong and where, its hint what to do. */
export class DynoError extends Error {
  override readonly name = 'DynoError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(message: string, options: DynoErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? exitCodes.internal;
  }
}

/** A wrong flag, value, file or combination: exit 104. */
export function usageError(message: string, hint?: string, cause?: unknown): DynoError {
  return new DynoError(message, { code: 'usage', hint, exitCode: exitCodes.usage, cause });
}

/** The target cannot be started, reached, or spoken to: exit 111. */
export function unreachableError(message: string, hint?: string, cause?: unknown): DynoError {
  return new DynoError(message, { code: 'target-unreachable', hint, exitCode: exitCodes.unreachable, cause });
}

/** The message of anything thrown, in one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return text.replace(/\s+/g, ' ').trim();
}
