import { usageError } from '../../core/index.js';
import { httpOutcomes, type ReferenceKnobs } from './knobs.js';

/** Finds what cannot go together. @throws DynoError (104). */
export function checkKnobs(knobs: ReferenceKnobs): void {
  const refuse = (message: string, hint?: string) => usageError(message, hint);
  if (knobs.slowShare > 0 !== knobs.slowTimeMs > 0) {
    throw refuse('--slow-share and --slow-time need each other');
  }
  if (knobs.spin && knobs.slots !== Infinity) {
    throw refuse('--spin and --slots exclude each other: a server that computes serves one call at a time');
  }
  if (knobs.distribution.kind !== 'constant' && knobs.serviceTimeMs === 0) {
    throw refuse(
      '--service-distribution needs a --service-time',
      'Add its mean, such as --service-time 20ms.',
    );
  }
  const ofTicks = [
    ['--tick-delay', knobs.tickDelayMs],
    ['--lose-ticks', knobs.loseTicks],
    ['--repeat-ticks', knobs.repeatTicks],
  ] as const;
  for (const [flag, value] of ofTicks) {
    if (value > 0 && knobs.tickMs === 0) throw refuse(`${flag} needs --tick`, 'Add --tick 100ms, say.');
  }
  if (knobs.transport === 'stdio') checkStdio(knobs);
  else if (!knobs.sessions || knobs.era === 'stateless') checkWithoutSessions(knobs);
}

function checkStdio(knobs: ReferenceKnobs): void {
  for (const outcome of httpOutcomes) {
    if ((knobs.fail.get(outcome) ?? 0) > 0)
      throw usageError(`--fail ${outcome} needs HTTP: there is none on stdio`);
  }
  if (knobs.answer !== 'json') throw usageError(`--answer ${knobs.answer} needs HTTP`);
  const needing = [
    ['--port', knobs.port !== 0],
    ['--sse-path', knobs.ssePath !== undefined],
    ['--event-store', knobs.eventStore > 0],
    ['--connection-limit', knobs.connectionLimit !== Infinity],
    ['--idle-timeout', knobs.idleTimeoutMs > 0],
    ['--tls', knobs.tls !== undefined],
    ['--stream-limit', knobs.streamLimit !== Infinity],
    ['--stream-idle', knobs.streamIdleMs > 0],
    ['--stream-life', knobs.streamLifeMs > 0],
    ['--bytes-per-stream', knobs.bytesPerStream > 0],
  ] as const;
  for (const [flag, given] of needing) if (given) throw usageError(`${flag} and --stdio exclude each other`);
  if (!knobs.sessions) throw usageError('--no-sessions needs HTTP');
  checkWithoutSessions(knobs);
}

function checkWithoutSessions(knobs: ReferenceKnobs): void {
  const needing = [
    ['--leak-sessions', knobs.leakSessions],
    ['--bytes-per-session', knobs.bytesPerSession > 0],
    ['--leak-bytes-per-session', knobs.leakBytesPerSession > 0],
  ] as const;
  for (const [flag, given] of needing) {
    if (given) throw usageError(`${flag} needs sessions: HTTP, the session era, and no --no-sessions`);
  }
}
