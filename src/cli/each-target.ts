import {
  decidingExitCode,
  DynoError,
  exitCodes,
  printableLine,
  redact,
  type ExitCode,
} from '../core/index.js';
import type { TargetSpec } from '../target/index.js';
import type { CommandContext } from './command.js';
import { reportError } from './report-error.js';
import { targetsOf } from './target.js';
import type { MeantTarget } from './words.js';

/**
 * Does something with each target in turn; with several, one that cannot be reached does not keep the others from being
 * looked at. The exit code that decides among all.
 */
export async function eachTarget(
  context: CommandContext,
  meant: MeantTarget,
  use: (spec: TargetSpec) => Promise<ExitCode>,
): Promise<ExitCode> {
  const targets = targetsOf(context, meant);
  const codes: ExitCode[] = [];
  for (const { name, spec } of targets) {
    if (context.interrupts.stopped) break;
    if (targets.length > 1 && !context.settings.quiet) {
      context.io.stderr.write(redact(`\nserver ${printableLine(name ?? '', 80)}\n`));
    }
    try {
      codes.push(await use(spec));
    } catch (error) {
      const goesOn =
        targets.length > 1 && error instanceof DynoError && error.exitCode === exitCodes.unreachable;
      if (!goesOn) throw error;
      codes.push(reportError(error, context.io));
    }
  }
  return decidingExitCode(codes);
}
