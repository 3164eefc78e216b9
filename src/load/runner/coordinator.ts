import { DynoError } from '../../core/errors.js';
import type { ExitCode } from '../../core/exit-code.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import { loadShape } from '../executors/index.js';
import type { LoadTarget } from '../load-target.js';
import { machineNow, type Channel, type FromWorker, type ToWorker } from '../worker/channel.js';
import { LoadBook } from './load-book.js';
import type { LoadReport } from './load-report.js';
import type { LoadHooks } from './load-runner.js';
import { TokenFeed, type Authorize } from './token-feed.js';

/** A worker as its coordinator sees it. */
export interface WorkerLink {
  channel: Channel<ToWorker, FromWorker>;
  /** Calls back when the worker is gone without having said `done`. */
  onLost(callback: (error: Error) => void): void;
}

/** Time between READY of the last worker and the first call, ms: all have heard of it by then. */
const leadMs = 5;

/**
 * Leads workers through one load: prepare, ready, start, ticks, done. It knows workers only as channels, so threads of
 * this process and workers on other machines are led alike.
 *
 * @param keep leave the process of a stdio target running for the next load.
 */
export async function coordinate(
  links: readonly WorkerLink[],
  plan: LoadPlan,
  target: LoadTarget,
  hooks: LoadHooks,
  keep = false,
): Promise<LoadReport> {
  const shape = loadShape(plan.executor);
  const tickMs = Math.min(1000, Math.max(100, shape.durationMs / 100));
  const book = new LoadBook(plan, shape, tickMs);
  const shards = links.length;
  const { authorization } = hooks;
  const renews = authorization !== undefined && target.kind !== 'stdio';
  const tokens = renews
    ? new TokenFeed(authorization, target.headers['authorization'], (message) => {
        for (const led of all) led.say(message);
      })
    : undefined;
  const all = links.map(
    (link, shard) =>
      new Led(
        link,
        book,
        { type: 'prepare', plan, target, shard, shards, tickMs, keep, renews },
        hooks,
        tokens,
      ),
  );
  const say = (type: 'stop' | 'abort') => () => {
    for (const led of all) led.say(type);
  };
  const stop = say('stop');
  const abort = say('abort');
  hooks.stop?.addEventListener('abort', stop);
  hooks.abort?.addEventListener('abort', abort);
  try {
    const pids = (await Promise.all(all.map((led) => led.ready))).flatMap((pid) => pid ?? []);
    hooks.onStart?.({ pids });
    const cpu = process.cpuUsage();
    const startedAt = Date.now() + leadMs;
    const began = machineNow();
    for (const led of all) led.start(began + leadMs);
    if (hooks.stop?.aborted === true) stop();
    if (hooks.abort?.aborted === true) abort();
    await Promise.all(all.map((led) => led.done));
    const used = process.cpuUsage(cpu);
    const cpuPercent = (used.user + used.system) / 10 / (machineNow() - began);
    const stopped = hooks.stop?.aborted === true || hooks.abort?.aborted === true;
    const renewed = tokens?.renewals ?? 0;
    return { ...book.report(startedAt, cpuPercent, stopped), pids, ...(renewed > 0 ? { renewed } : {}) };
  } catch (error) {
    abort();
    throw error;
  } finally {
    tokens?.close();
    hooks.stop?.removeEventListener('abort', stop);
    hooks.abort?.removeEventListener('abort', abort);
  }
}

/** One worker under way. */
class Led {
  /** Resolves with the pid of the target where the worker started it. */
  readonly ready: Promise<number | undefined>;
  readonly done: Promise<void>;
  readonly #link: WorkerLink;

  constructor(
    link: WorkerLink,
    book: LoadBook,
    task: Extract<ToWorker, { type: 'prepare' }>,
    hooks: LoadHooks,
    tokens: TokenFeed | undefined,
  ) {
    this.#link = link;
    let settleReady: (pid: number | undefined) => void;
    let settleDone: () => void;
    let failReady: (error: Error) => void;
    let failDone: (error: Error) => void;
    this.ready = new Promise((resolve, reject) => {
      settleReady = resolve;
      failReady = reject;
    });
    this.done = new Promise((resolve, reject) => {
      settleDone = resolve;
      failDone = reject;
    });
    // Whichever is being awaited reports it; the other must not count as unhandled.
    this.ready.catch(() => undefined);
    this.done.catch(() => undefined);
    const fail = (error: Error) => {
      failReady(error);
      failDone(error);
    };
    link.onLost(fail);
    link.channel.onMessage((message) => {
      if (message.type === 'ready') {
        book.prepared(message.connect, message.initialize);
        settleReady(message.pid);
      } else if (message.type === 'tick') {
        book.tick(message.delta, task.shard);
        hooks.onProgress?.(book.progress);
      } else if (message.type === 'unauthorized') {
        void tokens?.refused(message.challenge, (answer: Authorize) => {
          this.say(answer);
        });
      } else if (message.type === 'done') {
        book.done(message.report, message.died, message.sessions);
        settleReady(undefined);
        settleDone();
      } else if (message.type === 'failed') {
        const { code, hint } = message;
        fail(new DynoError(message.message, { code, hint, exitCode: message.exitCode as ExitCode }));
      }
    });
    link.channel.send(task);
  }

  start(atMs: number): void {
    this.say({ type: 'start', atMs });
  }

  say(message: 'stop' | 'abort' | ToWorker): void {
    this.#link.channel.send(typeof message === 'string' ? { type: message } : message);
  }
}
