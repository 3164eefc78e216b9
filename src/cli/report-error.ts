import { DynoError, exitCodes, messageOf, redact, type ExitCode } from '../core/index.js';
import type { Io } from './io.js';

/** Says on stderr what went wrong, and gives the exit code. */
export function reportError(error: unknown, io: Io): ExitCode {
  const debug = io.env['DYNO_DEBUG'] !== undefined && io.env['DYNO_DEBUG'] !== '';
  const known = error instanceof DynoError;
  const message = known ? error.message : `internal error: ${messageOf(error)}`;
  const hint = known ? error.hint : 'This is a fault of dyno. DYNO_DEBUG=1 shows where; please report it.';
  io.stderr.write(redact(`dyno: ${message}\n`));
  if (hint !== undefined) io.stderr.write(redact(`      ${hint}\n`));
  if (debug) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      io.stderr.write(redact(`${cause.stack ?? String(cause)}\n`));
    }
  }
  return known ? error.exitCode : exitCodes.internal;
}
