import { systemClock } from '../core/index.js';
import { planChain, readChain, type ChainStep } from '../plan/chain/index.js';
import type { LoadPlan } from '../plan/load-plan.js';
import { asGiven, type GivenChain } from '../plan/options/index.js';
import { freeLoad } from '../suite/index.js';
import type { CommandContext } from './command.js';
import type { Measurement, PlannedMix, PlanTarget } from './measure.js';

/** A chain that was asked for. */
export interface Chained {
  /** Calls in one turn. */
  calls: number;
  /** The steps in one line. */
  line: string;
  /** The chain as a load of a target. */
  load(part: Parameters<typeof freeLoad>[0], target: PlanTarget): Promise<PlannedMix>;
}

/**
 * The chain of `--chain` or the config.
 *
 * @throws DynoError (104) that names the step and what is wrong with it.
 */
export function chainOf(context: CommandContext, chain: GivenChain): Chained {
  const steps = readChain(chain, asGiven('chain', context.origins.chain), context.io.cwd);
  return {
    calls: steps.length,
    line: `one after another as a chain: ${steps.map(({ tool }) => tool).join(' → ')}`,
    load: (part, target) => chainLoad(context, steps, part, target),
  };
}

async function chainLoad(
  { settings, origins, config }: CommandContext,
  steps: readonly ChainStep[],
  part: Parameters<typeof freeLoad>[0],
  { tools, caller, saved }: PlanTarget,
): Promise<PlannedMix> {
  const denied = [...(config?.tools ?? [])].filter(([, tool]) => tool.deny).map(([name]) => name);
  const { mix, turn } = await planChain({
    steps,
    what: asGiven('chain', origins.chain),
    tools,
    deny: new Set([...(settings.deny ?? []), ...denied]),
    seed: settings.seed,
    now: systemClock.wall(),
    saved,
    caller,
  });
  const load: Parameters<typeof freeLoad>[0] & Partial<LoadPlan> = { ...part, turn };
  const streams = { count: settings.streams, resources: settings.streamResource };
  const tests: Measurement['tests'] = [{ test: freeLoad(load, streams), parameters: {} }];
  return { mix, tests };
}
