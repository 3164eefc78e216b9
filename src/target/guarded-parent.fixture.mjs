// A parent for the tests of the guardian: starts a stubborn child with an escaped grandchild, tells their pids, and then
// ends in the way that it is told to. It runs compiled code.
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { spawnChild } from '../../dist/target/index.js';

const stubborn = fileURLToPath(new URL('stubborn-child.fixture.mjs', import.meta.url));
const [way = 'wait', where = 'main'] = process.argv.slice(2);

async function start() {
  const child = await spawnChild({ command: process.execPath, args: [stubborn], env: {} });
  const line = await new Promise((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  return { child: child.pid, grandchild: Number(line) };
}

if (!isMainThread) {
  parentPort.postMessage(await start());
} else {
  const pids =
    where === 'main'
      ? await start()
      : await new Promise((resolve) =>
          new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) }).once('message', resolve),
        );
  process.stdout.write(`${JSON.stringify(pids)}\n`);
  if (way === 'exit') process.exit(3);
  if (way === 'throw') throw new Error('on purpose');
  setInterval(() => undefined, 1000);
}
