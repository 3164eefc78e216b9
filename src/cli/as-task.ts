import { systemClock } from '../core/index.js';
import { parseGivenArguments } from '../plan/arguments/index.js';
import type { LoadPlan } from '../plan/load-plan.js';
import { asGiven } from '../plan/options/index.js';
import { planTask } from '../plan/task/index.js';
import { freeLoad } from '../suite/index.js';
import type { CommandContext } from './command.js';
import type { PlannedMix, PlanTarget } from './measure.js';

/** Calls of the tool of `--as-task` as tasks, as a load of the target. */
export async function taskLoad(
  { settings, origins, config, io }: CommandContext,
  part: Parameters<typeof freeLoad>[0],
  { tools, saved, server }: PlanTarget,
): Promise<PlannedMix> {
  const denied = [...(config?.tools ?? [])].filter(([, tool]) => tool.deny).map(([name]) => name);
  const { mix, turn } = await planTask({
    name: settings.asTask!,
    tools,
    deny: new Set([...(settings.deny ?? []), ...denied]),
    server,
    given: parseGivenArguments(settings.args ?? [], asGiven('args', origins.args), io.cwd),
    saved,
    seed: settings.seed,
    now: systemClock.wall(),
  });
  const load: Parameters<typeof freeLoad>[0] & Partial<LoadPlan> = { ...part, turn };
  const streams = { count: settings.streams, resources: settings.streamResource };
  return { mix, tests: [{ test: freeLoad(load, streams), parameters: {} }] };
}
