import { resolve } from 'node:path';
import type { TargetReport } from '../core/index.js';
import type { Telemetry } from '../telemetry/index.js';
import type { CommandContext } from './command.js';

/** Starts what `-o otlp=URL` and `-o prometheus=PLACE` ask for; undefined where nothing does. @throws DynoError (104). */
export async function startTelemetry(
  { settings, io, log }: CommandContext,
  target: TargetReport,
): Promise<Telemetry | undefined> {
  const outputs = (settings.out ?? []).flatMap(({ format, path }) =>
    (format === 'otlp' || format === 'prometheus') && path !== undefined ? [{ format, path }] : [],
  );
  if (outputs.length === 0) return undefined;
  const { Telemetry } = await import('../telemetry/index.js');
  const telemetry = await Telemetry.start({
    outputs,
    target,
    intervalMs: settings.telemetryInterval,
    resolve: (path) => resolve(io.cwd, path),
    onProblem: (sentence) => {
      log.warn(sentence);
    },
  });
  log.info('metrics go out', { to: telemetry.places.join(' ') });
  return telemetry;
}
