import { NetworkPipe, Recorder, type NetworkConditions } from '../../network/index.js';
import { spawnChild } from '../../target/index.js';
import { recordedSentence } from './recorded-sentence.js';
import { untilSignal } from './until-signal.js';

/**
 * Starts a command and puts a network between our standard streams and its own; what it writes to stderr is passed on. Ends
 * when it does, when our input has ended and it has answered, or at a signal.
 *
 * @throws DynoError (111) where it cannot be started.
 */
export async function runPipeProxy(options: {
  command: readonly string[];
  conditions: NetworkConditions;
  seed: number;
  /** Where requests are recorded; undefined for nowhere. */
  record: string | undefined;
}): Promise<void> {
  const [command, ...args] = options.command as [string, ...string[]];
  const recorder = options.record === undefined ? undefined : new Recorder(options.record, 'stdio');
  const stopped = untilSignal();
  const child = await spawnChild(
    { command, args, env: {} },
    { onStderr: (chunk) => process.stderr.write(chunk) },
  );
  const pipe = new NetworkPipe(child, {
    conditions: options.conditions,
    seed: options.seed,
    ...(recorder === undefined ? {} : { tap: recorder.tap(0) }),
  });
  // Whoever reads our output may be gone; there is nobody left to tell.
  process.stdout.on('error', () => undefined);
  process.stdin.on('error', () => undefined).pipe(pipe.stdin);
  pipe.stdout.pipe(process.stdout, { end: false });
  const answered = new Promise<void>((resolve) => {
    pipe.stdout.once('end', resolve);
  });
  try {
    await Promise.race([stopped, answered]);
  } finally {
    process.stdin.unpipe();
    pipe.stop();
    await child.stop();
    if (recorder !== undefined)
      process.stderr.write(`${recordedSentence(recorder.close(), options.record!)}\n`);
  }
}
