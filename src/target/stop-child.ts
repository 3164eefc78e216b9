import type { Writable } from 'node:stream';
import { killGroup } from './guardian.js';
import { nameOf, relativesOf, signalEach, type NamedProcess } from './relatives.js';

/** How a child came to its end. */
export interface StopReport {
  /** What it took to end the child itself: the end of its input, SIGTERM, or SIGKILL. */
  how: 'graceful' | 'sigterm' | 'sigkill';
  /** Other processes of it that did not end with its input; they are gone now, unless they are in `remaining`. */
  leftBehind: NamedProcess[];
  /** What could not be ended, not even by SIGKILL; empty but for processes in uninterruptible sleep. */
  remaining: NamedProcess[];
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
  group: number;
  mark: string;
  stdin: Writable;
  exited: Promise<unknown>;
}

/**
 * Stops a child as the MCP specification says (stdio, "Shutdown"): end its input, wait, SIGTERM, wait, SIGKILL; always
 * the whole group, and whatever of it has left the group.
 */
export async function stopChild(child: Stoppable, patience: StopPatience): Promise<StopReport> {
  const { group, mark } = child;
  child.stdin.end();
  const ended = await within(child.exited, patience.closeMs);
  const others = () => relativesOf(group, mark).filter((one) => one.pid !== group);
  // Helpers that are just ending may do so by themselves.
  for (let waited = 0; ended && waited < 200 && others().length > 0; waited += 20) await pause(20);
  const leftBehind = others();
  if (ended && leftBehind.length === 0) return { how: 'graceful', leftBehind, remaining: [] };
  const all = () => [...others(), ...leftBehind.filter(isSame)];
  const how = await force(child, all, ended, patience.termMs);
  return { how, leftBehind, remaining: all() };
}

/** SIGTERM, and where that is not enough SIGKILL, until nothing is left. */
async function force(
  child: Stoppable,
  others: () => NamedProcess[],
  ended: boolean,
  termMs: number,
): Promise<StopReport['how']> {
  const gone = async (ms: number) => {
    const deadline = performance.now() + ms;
    let childGone = ended;
    while (performance.now() < deadline) {
      childGone ||= await within(child.exited, 20);
      if (childGone && others().length === 0) return true;
      await pause(20);
    }
    return false;
  };
  killGroup(child.group, 'SIGTERM');
  signalEach(others(), 'SIGTERM');
  if (await gone(termMs)) return ended ? 'graceful' : 'sigterm';
  killGroup(child.group, 'SIGKILL');
  signalEach(others(), 'SIGKILL');
  await gone(2000);
  return ended ? 'graceful' : 'sigkill';
}

/** Orphans that lost mark and group are known from before; their pid cannot have been given away so soon. */
function isSame(known: NamedProcess): boolean {
  return nameOf(known.pid) === known.command;
}

function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(false);
    }, ms);
    void promise.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
