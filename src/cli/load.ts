import { formatDuration, type ExitCode } from '../core/index.js';
import { describeExecutor } from '../load/index.js';
import { freeLoad } from '../suite/index.js';
import { callsPerTurn, describeTurn } from '../plan/turn-plan.js';
import { taskLoad } from './as-task.js';
import { chainLine, chainLoad, chainOf } from './chain.js';
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
  const chain = chainOf(context);
  const common = { ...part, gracefulStopMs: settings.gracefulStop, timeoutMs: settings.timeout };
  const streams = { count: settings.streams, resources: settings.streamResource };
  const test = freeLoad(common, streams);
  const thresholds = thresholdsOf(context, io.env);
  checkThresholdTests(thresholds);
  return measure(context, {
    tests: [{ test, parameters: {} }],
    profile: 'full',
    thresholds,
    ratePerSecond: plannedRate(context, chain?.length ?? callsPerTurn(part.turn)),
    howOften: [
      [describeExecutor(part.executor), describeTurn(part.turn), threads(settings.workers)]
        .filter((text) => text !== '')
        .join(', '),
      ...(chain === undefined ? [] : [chainLine(chain)]),
      ...(settings.streams > 0 ? [`${settings.streams} event streams held meanwhile`] : []),
    ],
    ...(chain === undefined ? {} : { plan: (target) => chainLoad(context, chain, common, target) }),
    ...(settings.asTask === undefined ? {} : { plan: (target) => taskLoad(context, common, target) }),
  });
}

function threads(count: number): string {
  return `${count} load thread${count === 1 ? '' : 's'}`;
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
    plan: (target) => Promise.resolve(replayOf(context, recording, target)),
  });
}
