/**
 * The guardian as a Node program, for systems without a shell (distroless images). Does what `shell-script.ts` says, for
 * 40 MB instead of one. It is started by `guardian.ts`, never imported.
 */
import { createInterface } from 'node:readline';
import { sleep } from '../../core/index.js';
import { environmentHolds, readProcessTable } from '../../measure/index.js';
import { signalGroup } from '../child-family.js';
import { forgetContainer, killContainer } from '../container-command.js';

const groups = new Set<number>();
const marks = new Set<string>();
const boxes = new Set<string>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [word, value = ''] = line.split(' ');
    if (word === 'mark') marks.add(value);
    else if (word === 'unmark') marks.delete(value);
    else if (word === 'group') groups.add(Number(value));
    else if (word === 'ungroup') groups.delete(Number(value));
    else if (word === 'box') boxes.add(value);
    else if (word === 'unbox') boxes.delete(value);
  })
  .on('close', () => void end());

function left(): number[] {
  return readProcessTable()
    .filter((entry) => !entry.zombie && entry.pid !== process.pid)
    .filter(({ pid, pgid }) => groups.has(pgid) || [...marks].some((mark) => environmentHolds(pid, mark)))
    .map((entry) => entry.pid);
}

async function goneWithin(ms: number): Promise<boolean> {
  for (const deadline = performance.now() + ms; left().length > 0; await sleep(100)) {
    if (performance.now() > deadline) return false;
  }
  return true;
}

function each(signal: NodeJS.Signals): void {
  for (const group of groups) signalGroup(group, signal);
  for (const pid of left()) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone meanwhile.
    }
  }
}

async function end(): Promise<void> {
  for (const box of boxes) {
    const [idFile = '', program = '', ...options] = box.split('|');
    const container = { runtime: [program, ...options] as [string, ...string[]], idFile, args: [] };
    await killContainer(container);
    forgetContainer(container);
  }
  if (!(await goneWithin(300))) {
    each('SIGTERM');
    if (!(await goneWithin(2000))) {
      each('SIGKILL');
      if (!(await goneWithin(500))) each('SIGKILL');
    }
  }
  process.exit();
}
