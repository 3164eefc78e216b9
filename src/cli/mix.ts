import { DynoError, systemClock, usageError, type Json } from '../core/index.js';
import { localPaths, parseGivenArguments, Surroundings } from '../plan/arguments/index.js';
import { parseSelection, planMix, type Mix, type MixRequest, type ToolCaller } from '../plan/mix/index.js';
import { parseOperations, planOperations, type ServerAccess } from '../plan/operations/index.js';
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
  /** What operations other than calls of tools are planned with. */
  server: ServerAccess;
  /** Another server that must be able to do the same operations. */
  also?: { name: string; server: ServerAccess };
}

/** What will be called, by flags, config and the server's own hints. */
export async function mixOf(context: CommandContext, target: MixTarget): Promise<Mix> {
  const { spec, server, also, ...known } = target;
  const { settings, origins, config, io } = context;
  const local = spec.kind === 'stdio' ? localPaths({ args: spec.args, cwd: spec.cwd ?? io.cwd }) : undefined;
  const wishes = parseOperations(settings.operation ?? [], asGiven('operation', origins.operation));
  const request: MixRequest = {
    ...known,
    selection: parseSelection(settings.tool ?? [], asGiven('tool', origins.tool)),
    allow: settings.allow ?? [],
    allowWrites: settings.allowWrites,
    deny: settings.deny ?? [],
    given: parseGivenArguments(settings.args ?? [], asGiven('args', origins.args), io.cwd),
    ...(settings.data === undefined ? {} : { data: { shape: settings.data, bytes: settings.dataSize } }),
    settings: config?.tools ?? new Map(),
    around: new Surroundings(local),
    seed: settings.seed,
    now: systemClock.wall(),
    ...(wishes.length === 0 ? {} : { operations: { wishes, server } }),
  };
  const mix = await planMix(request);
  if (also !== undefined && wishes.length > 0) {
    await planOperations({ ...request, wishes, server: also.server }).catch((error: unknown) => {
      if (!(error instanceof DynoError)) throw error;
      throw usageError(`${also.name}: ${error.message}`, error.hint);
    });
  }
  return mix;
}
