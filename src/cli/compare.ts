import type { ExitCode } from '../core/index.js';
import type { CommandContext } from './command.js';
import { sidesOf } from './compare/sides.js';

/** `dyno compare`: two servers in pairs of blocks, or two stored runs. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const sides = await sidesOf(context);
  if (sides.kind === 'runs') {
    const { compareStored } = await import('./compare/stored.js');
    return compareStored(context, sides);
  }
  const { compareLive } = await import('./compare/live.js');
  return compareLive(context, sides);
}
