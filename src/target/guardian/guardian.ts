import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { signalGroup } from '../child-family.js';
import { guardianScript } from './shell-script.js';

/** The guardian of this thread: threads end on their own, and so does what they started. */
let guardian: Guardian | undefined;

/** The thread's guardian, started when first asked for. */
export function theGuardian(): Guardian {
  guardian ??= new Guardian();
  return guardian;
}

/** A guardian that is killed is replaced, but not for ever. */
const mostStarts = 5;

/**
 * Sees to it that no child outlives us, however we end, `kill -9` included: a tiny process holds the other end of a pipe
 * that only we have, and stops what it was told of when that pipe ends. One line tells it of each thing; pipes take
 * short lines at once, so it knows of a child before the child is started.
 */
export class Guardian {
  /** What it was told and has not been told to forget. */
  readonly #facts = new Set<string>();
  readonly #groups = new Set<number>();
  readonly #shell: string;
  #process: ChildProcess | undefined;
  #starts = 0;

  /** @param shell where the shell is; a Node program takes its place where it is not there. */
  constructor(shell = '/bin/sh') {
    this.#shell = shell;
    this.#start();
    process.once('exit', () => {
      // Told now, a polite child is gone before the guardian looks. Without a guardian there is no second chance.
      for (const group of this.#groups)
        signalGroup(group, this.#process === undefined ? 'SIGKILL' : 'SIGTERM');
    });
  }

  /** The guardian's own pid; undefined where none could be started. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Before a spawn: a process with this text in its environment is ours. */
  mark(mark: string): void {
    this.#remember(`mark ${mark}`);
  }

  /** After a spawn: so is this process group. */
  group(group: number): void {
    this.#groups.add(group);
    this.#remember(`group ${group}`);
  }

  /** The group has no members any more: its number may be given to somebody else. */
  groupEnded(group: number): void {
    if (this.#groups.delete(group)) this.#forget(`group ${group}`);
  }

  /** Before a container is started: what `guardianWords` says of it. */
  container(words: string): void {
    this.#remember(`box ${words}`);
  }

  /** Everything with the mark is known to be gone. */
  release(mark: string, containerWords?: string): void {
    this.#forget(`mark ${mark}`);
    if (containerWords !== undefined) this.#forget(`box ${containerWords}`);
  }

  #remember(fact: string): void {
    this.#facts.add(fact);
    this.#say(fact);
  }

  #forget(fact: string): void {
    this.#facts.delete(fact);
    this.#say(`un${fact}`);
  }

  #say(line: string): void {
    if (this.#process?.stdin?.writable === true) this.#process.stdin.write(`${line}\n`);
  }

  #start(): void {
    if (++this.#starts > mostStarts) return;
    const started = launch(this.#shell, ['-c', guardianScript]) ?? launch(process.execPath, [nodeProgram()]);
    this.#process = started;
    if (started === undefined) return;
    started.once('exit', () => {
      this.#process = undefined;
      this.#start();
    });
    for (const fact of this.#facts) this.#say(fact);
  }
}

/** Starts a guardian that keeps nothing of ours open and alive; undefined where the program is not there. */
function launch(program: string, args: string[]): ChildProcess | undefined {
  const started = spawn(program, args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' });
  started.on('error', () => undefined);
  started.stdin.on('error', () => undefined);
  if (started.pid === undefined) return undefined;
  started.unref();
  (started.stdin as Socket).unref();
  return started;
}

/** Node runs compiled code only, also where this is run from its source. */
function nodeProgram(): string {
  const here = new URL('guardian-process.js', import.meta.url);
  return fileURLToPath(here).replace(/([\\/])src([\\/]target[\\/]guardian[\\/])/, '$1dist$2');
}
