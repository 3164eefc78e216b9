import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { readProcText } from './linux/proc-file.js';

const runtimes = new Set(['docker', 'podman', 'nerdctl']);
const inspectTimeoutMs = 5000;

/** A `docker run` that is going on, and where its container's id is. */
export interface ContainerClient {
  /** The runtime with its own options. */
  runtime: [string, ...string[]];
  idFile: string;
}

/** Recognises a process that is `docker run --cidfile FILE …` (or podman, nerdctl). */
export function containerClientOf(pid: number): ContainerClient | undefined {
  const words = readProcText(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  // A runtime that is a script stands behind its interpreter.
  const at = words.slice(0, 2).findIndex((word) => runtimes.has(basename(word)));
  const option = words.findIndex((word) => word === '--cidfile' || word.startsWith('--cidfile='));
  const run = words.lastIndexOf('run', option);
  if (at < 0 || run < at || option < run) return undefined;
  const idFile =
    words[option] === '--cidfile' ? words[option + 1] : words[option]!.slice('--cidfile='.length);
  if (idFile === undefined) return undefined;
  const options = words.slice(at + 1, run).filter((word) => word !== 'container');
  return { runtime: [words[at]!, ...options], idFile };
}

/**
 * The pid of the container's first process, as this machine sees it.
 *
 * @throws Error with a sentence when it has not started, or runs on another machine (a virtual one included).
 */
export async function containerPid({ runtime, idFile }: ContainerClient): Promise<number> {
  let id: string;
  try {
    id = readFileSync(idFile, 'utf8').trim();
  } catch {
    throw new Error('the container has not started yet');
  }
  const [program, ...options] = runtime;
  const args = [...options, 'inspect', '--format', '{{.State.Pid}}', id];
  const { stdout } = await promisify(execFile)(program, args, { timeout: inspectTimeoutMs });
  const pid = Number(stdout.trim());
  // With Docker Desktop, or a remote daemon, the same number is somebody else here.
  const groups = readProcText(`/proc/${pid}/cgroup`);
  if (!(pid > 0) || groups === undefined || id === '' || !groups.includes(id)) {
    throw new Error("the container's processes are not on this machine");
  }
  return pid;
}
