import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { ChildFamily, markValue, markVariable, signalGroup } from './child-family.js';
import {
  containerCommand,
  forgetContainer,
  guardianWords,
  killContainer,
  type ContainerCommand,
} from './container-command.js';
import { theGuardian } from './guardian/guardian.js';
import { startError } from './start-error.js';
import { StderrTail } from './stderr-tail.js';
import { stopChild, type StopPatience, type StopReport } from './stop-child.js';
import type { StdioTargetSpec } from './target-spec.js';

/** A started program in a process group of its own. */
export interface SpawnedChild {
  /** Its process id, which is its group's too. */
  pid: number;
  /** Everything that it starts has this text in its environment, unless it takes care not to. */
  mark: string;
  stdin: Writable;
  stdout: Readable;
  /** Never rejects. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** True until it has ended. */
  readonly running: boolean;
  /** The last 64 kB that it wrote to stderr, without control characters. */
  stderrTail(): string;
  /** The pids of everything that came from it and lives, its own first. Takes some milliseconds. */
  pids(): number[];
  /** Stops it and everything that it started; the same answer whenever asked again. */
  stop(patience?: Partial<StopPatience>): Promise<StopReport>;
}

/**
 * Starts a program. From before its start until it is known to be gone the guardian watches over it, so that it cannot
 * outlive us however we end. Works in worker threads too.
 *
 * @param options.onStderr gets what the program writes to stderr, as it comes.
 * @throws DynoError (111) when it cannot be started: not found, not executable, no such working directory.
 */
export async function spawnChild(
  spec: Omit<StdioTargetSpec, 'kind'>,
  options: { onStderr?: (chunk: Buffer) => void } = {},
): Promise<SpawnedChild> {
  const mark = randomBytes(12).toString('hex');
  const guardian = theGuardian();
  const container = containerCommand(spec.command, spec.args);
  guardian.mark(mark);
  const words = container && guardianWords(container);
  if (words !== undefined) guardian.container(words);
  const release = () => {
    if (container) forgetContainer(container);
    guardian.release(mark, words);
  };
  const env = { ...process.env, ...spec.env, [markVariable]: markValue(mark) };
  let child: ChildProcessWithoutNullStreams;
  try {
    child = await started(spec, container?.args ?? spec.args, env);
  } catch (error) {
    release();
    throw startError(spec, error as NodeJS.ErrnoException, env);
  }
  if (options.onStderr !== undefined) child.stderr.on('data', options.onStderr);
  return watched(child, mark, container, release);
}

async function started(
  spec: Omit<StdioTargetSpec, 'kind'>,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(spec.command, args, { cwd: spec.cwd, env, detached: true, windowsHide: true });
  if (child.pid !== undefined) theGuardian().group(child.pid);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return child;
}

function watched(
  child: ChildProcessWithoutNullStreams,
  mark: string,
  container: ContainerCommand | undefined,
  release: () => void,
): SpawnedChild {
  const pid = child.pid!;
  // A failed kill is not news, and a pipe that breaks is seen by its reader.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  const tail = new StderrTail(child.stderr);
  const family = new ChildFamily(pid, mark);
  let running = true;
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      if (!signalGroup(pid, 0)) theGuardian().groupEnded(pid);
      resolve({ code, signal });
    });
  });
  const stop = async (patience: Partial<StopPatience> = {}): Promise<StopReport> => {
    const { stdin, stdout } = child;
    const report = await stopChild(
      { pid, family, stdin, stdout, exited },
      { closeMs: 2000, termMs: 2000, ...patience },
    );
    if (container && report.how !== 'graceful') {
      const killed = await killContainer(container);
      if (killed !== undefined) report.container = killed;
    }
    child.stdout.destroy();
    child.stderr.destroy();
    if (report.remaining.length === 0) {
      theGuardian().groupEnded(pid);
      release();
    }
    return report;
  };
  let stopping: Promise<StopReport> | undefined;
  return {
    pid,
    mark,
    stdin: child.stdin,
    stdout: child.stdout,
    exited,
    get running() {
      return running;
    },
    stderrTail: () => tail.text(),
    pids: () => [
      ...(running ? [pid] : []),
      ...family
        .search()
        .map((one) => one.pid)
        .filter((other) => other !== pid),
    ],
    stop: (patience) => (stopping ??= stop(patience)),
  };
}
