import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, printableLine, usageError } from '../core/index.js';
import { readRecording, type Recording } from '../network/index.js';
import { parseSelection, planReplay, type Mix } from '../plan/mix/index.js';
import { asGiven } from '../plan/options/index.js';
import type { Tool } from '../protocol/index.js';
import { freeLoad } from '../suite/index.js';
import type { CommandContext } from './command.js';
import type { Measurement } from './measure.js';

/**
 * The recording of `--replay`.
 *
 * @throws DynoError (104): not to be read, no recording, another version, cut off, damaged.
 */
export function recordingOf({ io }: CommandContext, file: string): Recording {
  let text: string;
  try {
    text = readFileSync(resolve(io.cwd, file), 'utf8');
  } catch (cause) {
    throw usageError(
      `Cannot read the recording '${printableLine(file, 200)}': ${messageOf(cause)}`,
      undefined,
      cause,
    );
  }
  return readRecording(text, printableLine(file, 200));
}

/** Calls per second of a recording on average, at the speed asked for. */
export function replayRate({ calls, durationMs }: Recording, speed: number): number {
  return (calls.length / Math.max(1, durationMs)) * 1000 * speed;
}

/** The recorded calls that the target has the tools for and that may be made, as a load. */
export function replayOf(
  context: CommandContext,
  recording: Recording,
  { tools, era }: { tools: readonly Tool[]; era: 'session' | 'stateless' },
): { mix: Mix; tests: Measurement['tests'] } {
  const { settings, origins } = context;
  const { weights, all } = parseSelection(settings.tool ?? [], asGiven('tool', origins.tool));
  const { mix, calls, durationMs } = planReplay({
    calls: recording.calls,
    speed: settings.replaySpeed,
    tools,
    era,
    policy: {
      named: new Set(weights.keys()),
      all,
      allow: new Set(settings.allow ?? []),
      allowWrites: settings.allowWrites,
      deny: new Set(settings.deny ?? []),
    },
  });
  if (calls.length === 0) {
    throw usageError(
      `Nothing of the recording can be replayed: none of its ${recording.calls.length} requests may be made`,
      mix.leftOut[0]?.hint,
    );
  }
  const test = freeLoad(
    {
      executor: {
        kind: 'recorded-arrivals',
        calls,
        durationMs,
        vus: settings.connections,
        maxWaiting: settings.maxWaiting,
      },
      warmup: settings.warmup,
      gracefulStopMs: settings.gracefulStop,
      timeoutMs: settings.timeout,
    },
    { count: settings.streams, resources: settings.streamResource },
  );
  return { mix, tests: [{ test, parameters: {} }] };
}
