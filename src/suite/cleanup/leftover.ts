import { printableLine } from '../../core/printable.js';
import { redact } from '../../core/redact.js';
import { ownConnections } from '../../measure/index.js';
import type { StopReport } from '../../target/index.js';

/** Something that was still there after what it belonged to had ended. */
export interface Leftover {
  /**
   * `orphan`: a process that outlived its target. `fault`: anything else that should have gone. `note`: worth knowing, but
   * allowed.
   */
  kind: 'orphan' | 'fault' | 'note';
  /** A sentence without its full stop, which names it. */
  what: string;
}

/** What a test left. */
export interface LeftBy extends Leftover {
  test: string;
}

/**
 * What the end of a process left, or how badly it went.
 *
 * @param stdio it was to end with its input; else SIGTERM is the way to stop it.
 */
export function leftByStop(report: StopReport, stdio: boolean): Leftover[] {
  const named = (one: { pid: number; command: string }) =>
    `process ${one.pid} (${printableLine(redact(one.command), 80)})`;
  const found: Leftover[] = [];
  if (report.how === 'sigkill') {
    const ignored = stdio ? 'the end of its input and SIGTERM' : 'SIGTERM';
    found.push({ kind: 'fault', what: `the target ignored ${ignored}, and was killed` });
  } else if (report.how === 'sigterm' && stdio) {
    found.push({ kind: 'note', what: 'the target did not end with its input, and was ended with SIGTERM' });
  }
  for (const one of report.leftBehind) {
    const signal = report.signalled.find(({ pid }) => pid === one.pid)?.signal ?? 'SIGTERM';
    found.push({ kind: 'orphan', what: `${named(one)} outlived the target, and was ended with ${signal}` });
  }
  for (const one of report.remaining)
    found.push({ kind: 'orphan', what: `${named(one)} could not be ended, not even by SIGKILL` });
  if (report.container !== undefined)
    found.push({ kind: 'orphan', what: `container ${report.container} outlived its client, and was killed` });
  return found;
}

/** A socket that is just closing may take this long, ms. */
const closingMs = 500;

/** TCP connections of this process that were not there before. */
export async function leftSockets(before: ReadonlyMap<string, string> | undefined): Promise<Leftover[]> {
  if (before === undefined) return [];
  const deadline = performance.now() + closingMs;
  for (;;) {
    const left = [...(ownConnections() ?? [])].filter(([inode]) => !before.has(inode));
    if (left.length === 0) return [];
    if (performance.now() > deadline) return [...bySocketPeer(left)];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function* bySocketPeer(left: readonly [string, string][]): Generator<Leftover> {
  for (const peer of new Set(left.map(([, other]) => other))) {
    const count = left.filter(([, other]) => other === peer).length;
    yield {
      kind: 'fault',
      what: `${count} of dyno's own connections to ${peer} ${count === 1 ? 'is' : 'are'} still open`,
    };
  }
}
