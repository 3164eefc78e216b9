import { messageOf } from '../core/errors.js';
import { printableLine } from '../core/printable.js';
import { redact } from '../core/redact.js';
import type { ProtocolVersion } from '../protocol/index.js';
import { connectTarget, type OpenTarget, type SpawnedChild } from '../target/index.js';

/** How often, and how long, a target that seems gone is tried before it is called so; ms. */
const tries = 3;
const tryMs = 2000;
const pauseMs = 300;

/** A process that ends closes its pipes first; its exit is known this much later at most, ms. */
const exitLagMs = 200;

/** Waits a moment for the end of a process whose pipe has ended. */
export async function soonEnded(child: Pick<SpawnedChild, 'exited'> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const moment = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, exitLagMs);
  });
  await Promise.race([child?.exited, moment]);
  clearTimeout(timer);
}

/** How a process came to its end, in words. */
export function howItEnded({ code, signal }: { code: number | null; signal: NodeJS.Signals | null }): string {
  return signal === null ? `the server ended with exit code ${code}` : `the server was ended by ${signal}`;
}

/** A sentence with the last that a server said of itself, where it said anything. */
export function withLastWords(sentence: string, stderr: string): string {
  const said = printableLine(redact(stderr.trim().slice(-600)), 600);
  return said === '' ? sentence : `${sentence}; its last words on stderr: ${said}`;
}

/** Why no connection to a target over HTTP can be made; undefined where one can. */
export async function outOfReach(target: OpenTarget, protocol: ProtocolVersion): Promise<string | undefined> {
  let why: string | undefined;
  for (let i = 0; i < tries; i++) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      const connection = await connectTarget(target, { protocol, timeoutMs: tryMs });
      await connection.close();
      return undefined;
    } catch (error) {
      why = redact(messageOf(error));
    }
  }
  return why === undefined ? undefined : why.charAt(0).toLowerCase() + why.slice(1);
}
