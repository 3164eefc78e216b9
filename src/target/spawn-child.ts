import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { unreachableError } from '../core/errors.js';
import { theGuardian } from './guardian.js';
import { markVariable } from './relatives.js';
import { StderrTail } from './stderr-tail.js';
import { stopChild, type StopPatience, type StopReport } from './stop-child.js';
import type { StdioTargetSpec } from './target-spec.js';

/** A started program in a process group of its own. */
export interface SpawnedChild {
  /** Its process id, which is its group's too. */
  pid: number;
  stdin: Writable;
  stdout: Readable;
  /** Never rejects. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** True until it has ended. */
  readonly running: boolean;
  /** The last 64 kB that it wrote to stderr, without control characters. */
  stderrTail(): string;
  /** Stops it and everything that it started; the same answer whenever asked again. */
  stop(patience?: Partial<StopPatience>): Promise<StopReport>;
}

/**
 * Starts a program. From before its start until it is known to be gone the guardian watches over it, so that it cannot
 * outlive us however we end. Works in worker threads too.
 *
 * @throws DynoError (111) when it cannot be started: not found, not executable, no such working directory.
 */
export async function spawnChild(spec: Omit<StdioTargetSpec, 'kind'>): Promise<SpawnedChild> {
  const mark = randomBytes(12).toString('hex');
  const guardian = theGuardian();
  guardian.mark(mark);
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { ...process.env, ...spec.env, [markVariable]: mark },
      detached: true,
      windowsHide: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (error) {
    guardian.release(undefined, mark);
    throw startError(spec, error as NodeJS.ErrnoException);
  }
  const pid = child.pid!;
  guardian.watch(pid);
  // A failed kill is not news, and a pipe that breaks is seen by its reader.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  const tail = new StderrTail(child.stderr);
  let running = true;
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      resolve({ code, signal });
    });
  });
  let stopping: Promise<StopReport> | undefined;
  return {
    pid,
    stdin: child.stdin,
    stdout: child.stdout,
    exited,
    get running() {
      return running;
    },
    stderrTail: () => tail.text(),
    stop: (patience) => {
      stopping ??= stopChild(
        { group: pid, mark, stdin: child.stdin, exited },
        { closeMs: 2000, termMs: 2000, ...patience },
      ).then((report) => {
        child.stdout.destroy();
        child.stderr.destroy();
        if (report.remaining.length === 0) guardian.release(pid, mark);
        return report;
      });
      return stopping;
    },
  };
}

function startError(spec: Omit<StdioTargetSpec, 'kind'>, error: NodeJS.ErrnoException): Error {
  const { command, cwd } = spec;
  if (cwd !== undefined && !isFolder(cwd)) {
    return unreachableError(
      `The target cannot be started: there is no folder '${cwd}'`,
      'Check --cwd.',
      error,
    );
  }
  if (error.code === 'ENOENT') {
    return unreachableError(
      `The target cannot be started: there is no program '${command}'`,
      command.includes('/') ? 'Check the path.' : 'Check the name, or give the path of the program.',
      error,
    );
  }
  if (error.code === 'EACCES') {
    return unreachableError(
      `The target cannot be started: '${command}' is not executable`,
      'Make it executable (chmod +x), or start it with its interpreter, such as node or python3.',
      error,
    );
  }
  return unreachableError(`The target cannot be started: '${command}': ${error.message}`, undefined, error);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
