import { systemClock } from '../core/index.js';
import { planChain, readChain, type ChainStep } from '../plan/chain/index.js';
import type { LoadPlan } from '../plan/load-plan.js';
import { asGiven } from '../plan/options/index.js';
import { freeLoad } from '../suite/index.js';
import type { CommandContext } from './command.js';
import type { Measurement, PlannedMix, PlanTarget } from './measure.js';

/**
 * The chain of `--chain` or the config; undefined where there is none.
 *
 * @throws DynoError (104) that names the step and what is wrong with it.
 */
export function chainOf({ settings, origins, io }: CommandContext): ChainStep[] | undefined {
  if (settings.chain === undefined) return undefined;
  return readChain(settings.chain, asGiven('chain', origins.chain), io.cwd);
}

/** The steps of a chain in one line. */
export function chainLine(chain: readonly ChainStep[]): string {
  return `one after another as a chain: ${chain.map(({ tool }) => tool).join(' → ')}`;
}

/** The chain as a load of the target. */
export async function chainLoad(
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
