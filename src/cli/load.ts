import { formatDuration, type ExitCode } from '../core/index.js';
import { describeExecutor } from '../load/index.js';
import { freeLoad } from '../suite/index.js';
import { callsPerTurn, describeTurn } from '../plan/turn-plan.js';
import { checkThresholdTests } from './threshold-tests.js';
import type { CommandContext } from './command.js';
import { loadShapeOf, plannedRate } from './load-shape.js';
import { measure } from './measure.js';
import { thresholdsOf } from './thresholds.js';

/** `dyno load`: one free-form load, reported as a test with the id `load`. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { settings, io } = context;
  if (settings.replay !== undefined) return await replay(context, settings.replay);
  const part = loadShapeOf(context);
  // What few loads need is read for those alone: the first call should not wait for it.
  const chain =
    settings.chain === undefined ? undefined : (await import('./chain.js')).chainOf(context, settings.chain);
  const tasks = settings.asTask === undefined ? undefined : await import('./as-task.js');
  const common = { ...part, gracefulStopMs: settings.gracefulStop, timeoutMs: settings.timeout };
  const streams = { count: settings.streams, resources: settings.streamResource };
  const test = freeLoad(common, streams);
  const thresholds = thresholdsOf(context, io.env);
  await checkThresholdTests(thresholds);
  return await measure(context, {
    tests: [{ test, parameters: {} }],
    profile: 'full',
    thresholds,
    ratePerSecond: plannedRate(context, chain?.calls ?? callsPerTurn(part.turn)),
    howOften: [
      [describeExecutor(part.executor), describeTurn(part.turn), threads(settings.workers)]
        .filter((text) => text !== '')
        .join(', '),
      ...(chain === undefined ? [] : [chain.line]),
      ...(settings.streams > 0 ? [`${settings.streams} event streams held meanwhile`] : []),
    ],
    ...(chain === undefined ? {} : { plan: (target) => chain.load(common, target) }),
    ...(tasks === undefined ? {} : { plan: (target) => tasks.taskLoad(context, common, target) }),
  });
}

function threads(count: number): string {
  return `${count} load thread${count === 1 ? '' : 's'}`;
}

/** The calls of a recording, as far as the target has the tools and they may be made. */
async function replay(context: CommandContext, file: string): Promise<ExitCode> {
  const { settings, io } = context;
  const { recordingOf, replayOf, replayRate } = await import('./replay.js');
  const recording = recordingOf(context, file);
  const thresholds = thresholdsOf(context, io.env);
  await checkThresholdTests(thresholds);
  return await measure(context, {
    tests: [],
    profile: 'full',
    thresholds,
    ratePerSecond: replayRate(recording, settings.replaySpeed),
    howOften: [
      `at the times of the recording over ${formatDuration(recording.durationMs / settings.replaySpeed)}, ` +
        `${recording.calls.length} requests in it, ${settings.connections} connections`,
    ],
    plan: (target) => Promise.resolve(replayOf(context, recording, target)),
  });
}
