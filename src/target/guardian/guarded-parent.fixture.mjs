// A parent for the tests of the guardian: starts a stubborn child, tells all pids, and then ends in the way that it is
// told to. It runs compiled code. Arguments: way (wait, exit, throw, terminate), where (main, thread), shell.
import { spawn } from 'node:child_process';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { markVariable } from '../../../dist/target/child-family.js';
import { Guardian, theGuardian } from '../../../dist/target/guardian/guardian.js';
import { spawnChild } from '../../../dist/target/index.js';

const stubborn = fileURLToPath(new URL('../stubborn-child.fixture.mjs', import.meta.url));
const [way = 'wait', where = 'main', shell] = process.argv.slice(2);

const firstLine = (stream) =>
  new Promise((resolve) => stream.once('data', (data) => resolve(JSON.parse(String(data)))));

async function start() {
  if (shell !== undefined) return startUnder(new Guardian(shell));
  const child = await spawnChild({ command: process.execPath, args: [stubborn], env: {} });
  return { child: child.pid, guardian: theGuardian().pid, ...(await firstLine(child.stdout)) };
}

/** As spawnChild does it, with a guardian of the test's choice. */
async function startUnder(guardian) {
  const mark = `test-${process.pid}-${Date.now()}`;
  guardian.mark(mark);
  const child = spawn(process.execPath, [stubborn], {
    env: { ...process.env, [markVariable]: mark },
    detached: true,
  });
  guardian.group(child.pid);
  return { child: child.pid, guardian: guardian.pid, ...(await firstLine(child.stdout)) };
}

if (!isMainThread) {
  parentPort.postMessage(await start());
} else {
  let worker;
  const pids =
    where === 'main'
      ? await start()
      : await new Promise((resolve) => {
          worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
          worker.once('message', resolve);
        });
  process.stdout.write(`${JSON.stringify(pids)}\n`);
  if (way === 'exit') process.exit(3);
  if (way === 'throw') throw new Error('on purpose');
  if (way === 'terminate') await worker.terminate();
  setInterval(() => undefined, 1000);
}
