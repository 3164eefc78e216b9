import { usageError, type ExitCode } from '../../core/index.js';
import type { CommandContext } from '../command.js';

/** Two stored runs. */
export function compareStored(_context: CommandContext, _sides: { a: string; b: string }): Promise<ExitCode> {
  throw usageError('not yet');
}
