import { setTimeout as wait } from 'node:timers/promises';
import { isJsonObject } from '../../core/json.js';
import type { ResourceSampler } from '../../measure/index.js';
import type { McpConnection } from '../../protocol/index.js';
import { CancellableCall, type AfterCancel, type CallRequest } from './cancelled-call.js';

/** Calls are cancelled, the CPU is looked at, and another call is made at these shares of a call's usual time. */
const cancelAt = 0.3;
const cpuFrom = 0.4;
const followAt = 0.6;
/** A further call that is made later than this, on a busy machine, meets calls that are over anyway. */
const latestFollow = 0.85;
/** What was on its way when a call was cancelled comes within this, ms. */
const graceMs = 50;

/** What one round is made with. */
export interface RoundSetting {
  connection: McpConnection;
  request: CallRequest;
  usualMs: number;
  timeoutMs: number;
  sampler: ResourceSampler | undefined;
  stop: AbortSignal;
}

/** What a server counted itself since its last reset. */
export interface ServerCounts {
  answered: number;
  cancelled: number;
}

/** What one round showed. */
export interface Round {
  cancelled: boolean;
  inFlight: number;
  /** What a call took that was made meanwhile, ms; undefined where it failed, or was made too late to tell anything. */
  followMs: number | undefined;
  /** It was made too late. */
  late: boolean;
  /** Why it failed. */
  fault: unknown;
  /** Of one core, after the calls were cancelled or while they went on; undefined where it cannot be seen. */
  cpuPercent: number | undefined;
  /** Cancelled calls that were still under way then. */
  after: AfterCancel[];
  /** Of those, how many the server itself says it has worked off all the same; undefined where it does not count. */
  workedOff: number | undefined;
  /** From the first call to the end of the last, or of the listening, ms. */
  tookMs: number;
}

/**
 * Makes so many slow calls at once, cancels them (or not) after a while, and makes one more like them on the same connection.
 *
 * @param listenMs where they are cancelled: how long after the start answers are listened for.
 */
export async function round(
  setting: RoundSetting,
  { inFlight, cancels, listenMs }: { inFlight: number; cancels: boolean; listenMs: number },
): Promise<Round> {
  const { connection, request, usualMs, timeoutMs, sampler, stop } = setting;
  const before = await countsOf(connection);
  const start = performance.now();
  const at = (ms: number) => wait(Math.max(0, start + ms - performance.now()));
  const calls = Array.from(
    { length: inFlight },
    () => new CancellableCall(connection, request, timeoutMs + listenMs, stop),
  );
  await at(cancelAt * usualMs);
  const cancelled = cancels ? calls.filter((call) => !call.wasOver) : [];
  // Not waited for: a server that reads nothing while it works would look as if it had stopped.
  const said = Promise.all(cancelled.map((call) => call.cancel()));
  await at(cpuFrom * usualMs);
  await sampler?.sample();
  await at(followAt * usualMs);
  const cpuPercent = (await sampler?.sample())?.cpuPercent ?? undefined;
  const followed = performance.now();
  const follower = new CancellableCall(connection, request, timeoutMs, stop);
  await follower.done;
  const late = followed - start > latestFollow * usualMs;
  const followMs = follower.fault === undefined && !late ? performance.now() - followed : undefined;
  if (cancels) {
    await Promise.race([Promise.all([said, ...calls.map((call) => call.done)]), at(listenMs)]);
    // Where all have ended at once the server may still be at work: what it counts is asked for when it would be done.
    if (before !== undefined) await at(listenMs);
  } else await Promise.all(calls.map((call) => call.done));
  const tookMs = performance.now() - start;
  const counted = before === undefined ? undefined : await countsOf(connection);
  await Promise.all(calls.map((call) => call.end()));
  await said;
  const failed = cancels ? undefined : calls.find((call) => call.fault !== undefined);
  const over = calls.length - cancelled.length;
  return {
    cancelled: cancels,
    inFlight,
    followMs,
    late,
    fault: follower.fault ?? failed?.fault,
    cpuPercent,
    after: cancelled.map((call) => call.after(graceMs)),
    workedOff:
      before === undefined || counted === undefined
        ? undefined
        : Math.max(0, counted.answered - before.answered - over - (follower.fault === undefined ? 1 : 0)),
    tookMs,
  };
}

/** The bundled server's own counts; undefined for any other. */
async function countsOf(connection: McpConnection): Promise<ServerCounts | undefined> {
  if (connection.serverInfo.name !== 'dyno-reference') return undefined;
  try {
    const { structuredContent } = await connection.callTool('dyno_stats', {});
    if (!isJsonObject(structuredContent)) return undefined;
    const { answered, cancelled } = structuredContent;
    return typeof answered === 'number' && typeof cancelled === 'number'
      ? { answered, cancelled }
      : undefined;
  } catch {
    return undefined;
  }
}
