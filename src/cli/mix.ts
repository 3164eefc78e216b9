import { systemClock, type Json } from '../core/index.js';
import { localPaths, parseGivenArguments, Surroundings } from '../plan/arguments/index.js';
import { parseSelection, planMix, type Mix, type ToolCaller } from '../plan/mix/index.js';
import { asGiven } from '../plan/options/index.js';
import type { Tool } from '../protocol/index.js';
import type { TargetSpec } from '../target/index.js';
import type { CommandContext } from './command.js';

/** A server as far as a mix depends on it. */
export interface MixTarget {
  spec: TargetSpec;
  era: 'session' | 'stateless';
  tools: readonly Tool[];
  /** Undefined in a dry run: nothing is called. */
  caller: ToolCaller | undefined;
  /** What setup calls kept. */
  saved: ReadonlyMap<string, Json>;
}

/** What will be called, by flags, config and the server's own hints. */
export function mixOf(context: CommandContext, { spec, era, tools, caller, saved }: MixTarget): Promise<Mix> {
  const { settings, origins, config, io } = context;
  const local = spec.kind === 'stdio' ? localPaths({ args: spec.args, cwd: spec.cwd ?? io.cwd }) : undefined;
  return planMix({
    tools,
    era,
    selection: parseSelection(settings.tool ?? [], asGiven('tool', origins.tool)),
    allow: settings.allow ?? [],
    allowWrites: settings.allowWrites,
    deny: settings.deny ?? [],
    given: parseGivenArguments(settings.args ?? [], asGiven('args', origins.args), io.cwd),
    settings: config?.tools ?? new Map(),
    saved,
    around: new Surroundings(local),
    seed: settings.seed,
    now: systemClock.wall(),
    caller,
  });
}
