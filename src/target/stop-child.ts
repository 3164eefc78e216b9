import type { Readable, Writable } from 'node:stream';
import { hasProc } from '../measure/index.js';
import { signalEach, signalGroup, type ChildFamily, type NamedProcess } from './child-family.js';

/** How a child came to its end. */
export interface StopReport {
  /** What it took to end the child itself: the end of its input, SIGTERM, or SIGKILL. */
  how: 'graceful' | 'sigterm' | 'sigkill';
  /**
   * Processes of it that did not end with it: that outlived it, needed SIGKILL, or were still there in a group of their
   * own. They are gone now, unless they are in `remaining`.
   */
  leftBehind: NamedProcess[];
  /** Every process that needed a signal, the child itself among them, and the last one it got. */
  signalled: (NamedProcess & { signal: 'SIGTERM' | 'SIGKILL' })[];
  /** What could not be ended, not even by SIGKILL; empty but for processes in uninterruptible sleep. */
  remaining: NamedProcess[];
  /** The beginning of the id of a container that outlived its `docker run` and had to be killed. */
  container?: string;
}

/** How long each step may take, ms. */
export interface StopPatience {
  /** After the end of its input; 2,000. */
  closeMs: number;
  /** After SIGTERM; 2,000. */
  termMs: number;
}

/** What is to be stopped. */
export interface Stoppable {
  /** The child's pid, which is its group's as well. */
  pid: number;
  family: ChildFamily;
  stdin: Writable;
  stdout: Readable;
  exited: Promise<unknown>;
}

/** After the child has ended, helpers that are just ending may do so by themselves for this long, ms. */
const settleMs = 1000;
const killMs = 2000;
/** Elsewhere than on Linux every look starts a `ps`. */
const pollMs = hasProc ? 10 : 100;

/**
 * Stops a child as the MCP specification says (stdio, "Shutdown"): end its input, wait, SIGTERM, wait, SIGKILL; always
 * the whole group, and whatever of it has left the group.
 */
export async function stopChild(child: Stoppable, patience: StopPatience): Promise<StopReport> {
  const { pid, family } = child;
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  // What leaves no other trace than its parent is found only now.
  family.search();
  child.stdin.end();
  // A child that waits for somebody to read its output would never see the end of its input.
  child.stdout.resume();
  await until(() => ended, patience.closeMs);
  const others = () => family.living().filter((one) => one.pid !== pid);
  const gone = () => ended && others().length === 0 && family.search().every((one) => one.pid === pid);
  if (ended && (await until(gone, settleMs)))
    return { how: 'graceful', leftBehind: [], signalled: [], remaining: [] };

  const report: StopReport = { how: 'graceful', leftBehind: [], signalled: [], remaining: [] };
  const leftBehind = new Map<number, NamedProcess>();
  const signalled = new Map<number, StopReport['signalled'][number]>();
  const signal = (name: 'SIGTERM' | 'SIGKILL') => {
    const alive = family.search();
    for (const one of alive) {
      signalled.set(one.pid, { ...one, signal: name });
      const outlived = ended || name === 'SIGKILL' || family.hasEscaped(one.pid);
      if (one.pid !== pid && outlived) leftBehind.set(one.pid, one);
    }
    if (!ended) report.how = name === 'SIGTERM' ? 'sigterm' : 'sigkill';
    const escaped = alive.filter((one) => family.hasEscaped(one.pid));
    // Nobody gets a signal twice, and the number of a group without members may be another's by now.
    if (!ended || escaped.length < alive.length) signalGroup(pid, name);
    signalEach(escaped, name);
  };
  signal('SIGTERM');
  if (!(await until(gone, patience.termMs))) {
    // A process that starts others faster than they are found is not caught by one look.
    const deadline = performance.now() + killMs;
    do signal('SIGKILL');
    while (!(await until(gone, 200)) && performance.now() < deadline);
  }
  report.remaining = family.search();
  return { ...report, leftBehind: [...leftBehind.values()], signalled: [...signalled.values()] };
}

/** True as soon as the condition holds, false when it does not in time. */
async function until(condition: () => boolean, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (;;) {
    if (condition()) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, left)));
  }
}
