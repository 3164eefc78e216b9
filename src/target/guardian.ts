import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Sees to it that no child outlives us, however we end. A tiny `sh` reads which process groups and marks are ours; when
 * its input ends without a word (we were killed), it stops them: TERM, two seconds, KILL, for the groups and for every
 * process that carries a mark in its environment wherever it went. `trap` and a session of its own keep it alive when
 * the terminal sends us a signal.
 */
const script = `
trap '' INT TERM HUP QUIT PIPE
groups=; marks=; calm=
while read -r word value; do
  case $word in
    group) groups="$groups $value" ;;
    mark) marks="$marks $value" ;;
    gone) rest=; for g in $groups; do [ "$g" = "$value" ] || rest="$rest $g"; done; groups=$rest ;;
    unmark) rest=; for m in $marks; do [ "$m" = "$value" ] || rest="$rest $m"; done; marks=$rest ;;
    calm) calm=1 ;;
  esac
done
[ -n "$calm" ] && exit 0
marked() {
  for m in $marks; do
    for file in $(grep -lsz "^DYNO_TARGET_ID=$m$" /proc/[0-9]*/environ 2>/dev/null); do
      pid=\${file#/proc/}; echo "\${pid%/environ}"
    done
  done
}
each() {
  for g in $groups; do kill -"$1" -"$g" 2>/dev/null; done
  for p in $(marked); do kill -"$1" "$p" 2>/dev/null; done
}
left() {
  for g in $groups; do kill -0 -"$g" 2>/dev/null && return 0; done
  [ -n "$(marked)" ]
}
each TERM
n=0
while [ $n -lt 20 ] && left; do sleep 0.1; n=$((n + 1)); done
each KILL
`;

/** The guardian of this thread: threads spawn on their own, so each has one. */
let guardian: Guardian | undefined;

/** The thread's guardian, started when first asked for. */
export function theGuardian(): Guardian {
  guardian ??= new Guardian();
  return guardian;
}

/** See {@link theGuardian}. */
export class Guardian {
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;

  constructor() {
    this.#start();
    // On an ordinary way out nobody waits for us: what is left is killed at once.
    process.once('exit', () => {
      for (const group of this.#groups) killGroup(group, 'SIGKILL');
      if (this.#groups.size === 0) this.#say('calm');
    });
  }

  /** Before a spawn: a process that carries this mark is ours. */
  mark(mark: string): void {
    this.#say(`mark ${mark}`);
  }

  /** After a spawn. */
  watch(group: number): void {
    this.#groups.add(group);
    this.#say(`group ${group}`);
  }

  /** The group and everything with the mark is known to be gone. */
  release(group: number | undefined, mark: string): void {
    if (group !== undefined) {
      this.#groups.delete(group);
      this.#say(`gone ${group}`);
    }
    this.#say(`unmark ${mark}`);
  }

  #start(): void {
    try {
      const shell = spawn('/bin/sh', ['-c', script], {
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
        cwd: '/',
      });
      shell.on('error', () => undefined);
      shell.stdin.on('error', () => undefined);
      shell.unref();
      (shell.stdin as Socket).unref();
      this.#shell = shell;
    } catch {
      // Without a shell (not Linux, not macOS) only the ordinary ways out are covered.
    }
  }

  #say(line: string): void {
    const stdin = this.#shell?.stdin;
    if (stdin?.writable === true) stdin.write(`${line}\n`);
  }
}

/** Sends a signal to a process group; false where there is none any more. */
export function killGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
