import { spawn } from 'node:child_process';
import type { ReferenceKnobs } from './knobs/knobs.js';
import { serveReference } from './serve-reference.js';

/** However stubborn it was told to be, nothing of ours stays longer than this without its owner. */
const stubbornMs = 10 * 60_000;

/** The exit code of a server that was made to die. */
const deathCode = 7;

/**
 * Serves until told to stop: the client of stdio leaves, SIGTERM, SIGINT, or (where asked for) the end of stdin. Over
 * HTTP it prints exactly one line on stdout, `{"url":…,"pid":…}`, when it listens, and a sentence on stderr.
 *
 * @throws DynoError (104) for knobs that exclude each other; DynoError (111) where it cannot listen.
 */
export async function runReference(knobs: ReferenceKnobs): Promise<void> {
  const stop = stopSignal(knobs);
  if (knobs.forkChild) leaveChild(knobs.ignoreStop);
  const serving = await serveReference(knobs, die);
  if (serving.url !== undefined) {
    const { url, sseUrl } = serving;
    process.stdout.write(
      `${JSON.stringify({ url, ...(sseUrl !== undefined && { sseUrl }), pid: process.pid })}\n`,
    );
    process.stderr.write(`The reference server listens on ${serving.url} (Ctrl-C ends it).\n`);
  }
  await Promise.race([stop, knobs.ignoreStop ? serving.closed.then(stayOn) : serving.closed]);
  await serving.close();
}

/** Resolves when the process is asked to stop and heeds it. */
function stopSignal(knobs: ReferenceKnobs): Promise<void> {
  return new Promise((resolve) => {
    const heed = () => {
      resolve();
    };
    process.once('SIGINT', heed);
    if (knobs.ignoreStop) process.on('SIGTERM', () => undefined);
    else process.once('SIGTERM', heed);
    if (knobs.transport === 'http' && (knobs.exitWithStdin || knobs.ignoreStop)) {
      process.stdin.once('end', knobs.ignoreStop ? () => void stayOn().then(heed) : heed);
      process.stdin.once('error', heed).resume();
    }
  });
}

function stayOn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, stubbornMs));
}

function leaveChild(stubborn: boolean): void {
  const ignore = stubborn ? "process.on('SIGTERM', () => undefined);" : '';
  spawn(process.execPath, ['-e', `${ignore} setTimeout(() => undefined, ${stubbornMs})`], {
    stdio: 'ignore',
  }).unref();
}

function die(why: string): never {
  process.stderr.write(`panic: ${why}\n`);
  process.exit(deathCode);
}
