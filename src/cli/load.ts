import { formatDuration, type ExitCode } from '../core/index.js';
import { describeExecutor } from '../load/index.js';
import { freeLoad } from '../suite/index.js';
import { checkThresholdTests } from './threshold-tests.js';
import type { CommandContext } from './command.js';
import { loadShapeOf, plannedRate } from './load-shape.js';
import { measure } from './measure.js';
import { recordingOf, replayOf, replayRate } from './replay.js';
import { thresholdsOf } from './thresholds.js';

/** `dyno load`: one free-form load, reported as a test with the id `load`. */
export function run(context: CommandContext): Promise<ExitCode> {
  const { settings, io } = context;
  if (settings.replay !== undefined) return replay(context, settings.replay);
  const part = loadShapeOf(context);
  const test = freeLoad({ ...part, gracefulStopMs: settings.gracefulStop, timeoutMs: settings.timeout });
  const thresholds = thresholdsOf(context, io.env);
  checkThresholdTests(thresholds);
  return measure(context, {
    tests: [{ test, parameters: {} }],
    profile: 'full',
    thresholds,
    ratePerSecond: plannedRate(context),
    howOften: [
      `${describeExecutor(part.executor)}, ${settings.workers} load thread${settings.workers === 1 ? '' : 's'}`,
    ],
  });
}

/** The calls of a recording, as far as the target has the tools and they may be made. */
function replay(context: CommandContext, file: string): Promise<ExitCode> {
  const { settings, io } = context;
  const recording = recordingOf(context, file);
  const thresholds = thresholdsOf(context, io.env);
  checkThresholdTests(thresholds);
  return measure(context, {
    tests: [],
    profile: 'full',
    thresholds,
    ratePerSecond: replayRate(recording, settings.replaySpeed),
    howOften: [
      `at the times of the recording over ${formatDuration(recording.durationMs / settings.replaySpeed)}, ` +
        `${recording.calls.length} requests in it, ${settings.connections} connections`,
    ],
    plan: (target) => replayOf(context, recording, target),
  });
}
