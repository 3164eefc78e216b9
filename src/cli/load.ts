import type { ExitCode } from '../core/index.js';
import { describeExecutor } from '../load/index.js';
import { freeLoad } from '../suite/index.js';
import { checkThresholdTests } from './threshold-tests.js';
import type { CommandContext } from './command.js';
import { loadShapeOf, plannedRate } from './load-shape.js';
import { measure } from './measure.js';
import { thresholdsOf } from './thresholds.js';

/** `dyno load`: one free-form load, reported as a test with the id `load`. */
export function run(context: CommandContext): Promise<ExitCode> {
  const { settings, io } = context;
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
