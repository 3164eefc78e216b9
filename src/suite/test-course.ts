import { DynoError, messageOf } from '../core/errors.js';
import { exitCodes, type ExitCode } from '../core/exit-code.js';
import { WireError } from '../protocol/index.js';
import { leftSessions } from './cleanup/left-sessions.js';
import type { Leftover } from './cleanup/leftover.js';
import type { TestRun } from './run-test.js';
import type { TestOutcome } from './suite-test.js';
import { TestBench } from './test-bench.js';
import { Context } from './test-context.js';
import { joinedParts } from './tests/joined-parts.js';

/** Time that a test may take beyond its own reckoning before it is ended, ms. */
const slackMs = 30_000;
/** How long a test may take to end once it is to, before it is left alone, ms; and at the second Ctrl-C. */
const endingMs = 15_000;
const abortingMs = 2000;

/** How a test went. */
export interface Course {
  outcome: TestOutcome;
  /** The target ended in the middle of it: how, with its last words. */
  died?: string;
  /** Of an error that is not the target's: what it means for the exit. */
  exitCode?: ExitCode;
  /** What was still there after the test. */
  left: Leftover[];
}

type End =
  | { kind: 'outcome'; outcome: TestOutcome }
  | { kind: 'thrown'; error: unknown }
  /** It did not end though it was to. */
  | { kind: 'left' };

/**
 * Runs a test until it ends: by itself, at its time limit, by Ctrl-C, or because the target is gone. Every way has an
 * outcome, with the loads that were done; what the test opened is closed.
 *
 * @throws DynoError (104) when a plan is wrong.
 */
export async function runCourse(run: TestRun): Promise<Course> {
  const limitMs = run.test.limitMs(run.parameters) + (run.slackMs ?? slackMs);
  const limit = new AbortController();
  const outOfReach = new AbortController();
  const timers = new Timers();
  timers.after(limitMs, () => {
    limit.abort();
  });
  const { gone } = run.bench;
  const signals = {
    stop: AbortSignal.any([run.stop, limit.signal, outOfReach.signal, gone]),
    abort: AbortSignal.any([run.abort, limit.signal]),
  };
  const bench = new TestBench(run.bench, run.sharing === true, run.session);
  const context = new Context(run, bench, signals, (why) => {
    outOfReach.abort(why);
  });
  const abandoned = new Promise<End>((resolve) => {
    const leaveAfter = (ms: number) => () => {
      timers.after(ms, () => {
        resolve({ kind: 'left' });
      });
    };
    onAbort(signals.stop, leaveAfter(run.defaults.gracefulStopMs + (run.endingMs ?? endingMs)));
    onAbort(signals.abort, leaveAfter(abortingMs));
  });
  const ran = Promise.resolve()
    .then(() => run.test.run(context))
    .then<End, End>(
      (outcome) => ({ kind: 'outcome', outcome }),
      (error: unknown) => ({ kind: 'thrown', error }),
    );
  const end = await Promise.race([ran, abandoned]);
  timers.clear();
  const left = await bench.close(end.kind !== 'outcome' || endedEarly(context, signals.stop));
  if (end.kind === 'thrown' && end.error instanceof DynoError && end.error.exitCode === exitCodes.usage)
    throw end.error;
  const measured = end.kind === 'outcome' ? end.outcome : joinedParts(context.loads);
  const died =
    context.loads.find(({ report }) => report.died !== undefined)?.report.died ??
    deathIn(end) ??
    reasonOf(outOfReach.signal) ??
    reasonOf(gone) ??
    (run.test.breaksTargets === true ? undefined : bench.deaths[0]) ??
    measured.died ??
    (await lost(run, end, measured));
  if (died !== undefined) {
    // What the test found by then may be what ended it.
    const found = measured.status === 'fail' && measured.reason !== undefined ? `; ${measured.reason}` : '';
    const reason = `the target ended in the middle of the test: ${died}${found}`;
    return { outcome: { ...measured, status: 'error', reason }, died, left };
  }
  if (run.test.provesSessions !== true)
    left.push(...(await leftSessions(run.bench, [...bench.sessions, ...loadSessions(context.loads)])));
  if (limit.signal.aborted) {
    const reason = `the test did not end within ${Math.round(limitMs / 1000)} s`;
    return { outcome: { ...measured, status: 'error', reason }, left };
  }
  if (end.kind === 'outcome') return { outcome: context.cpu.told(end.outcome), left };
  if (run.stop.aborted)
    return { outcome: { ...measured, status: 'inconclusive', reason: 'stopped before its end' }, left };
  return { ...errorOf(end, measured), left };
}

/** Sessions that the loads closed at their ends. */
function loadSessions(loads: Context['loads']): string[] {
  return loads.flatMap(({ report }) => report.sessions ?? []);
}

/** Its loads were cut short, or the target ended in one: no other test goes on with what they used. */
function endedEarly({ loads }: Context, stop: AbortSignal): boolean {
  return stop.aborted || loads.some(({ report }) => report.died !== undefined);
}

function errorOf(end: End, measured: TestOutcome): Omit<Course, 'left'> {
  const error = end.kind === 'thrown' ? end.error : undefined;
  const known = error instanceof DynoError || error instanceof WireError;
  const hint = error instanceof DynoError && error.hint !== undefined ? ` ${error.hint}` : '';
  const outcome: TestOutcome = { ...measured, status: 'error', reason: `${messageOf(error)}.${hint}` };
  // Whatever else is thrown is a fault of ours.
  return known ? { outcome } : { outcome, exitCode: exitCodes.internal };
}

/** A process that ended between two loads is told by an error. */
function deathIn(end: End): string | undefined {
  if (end.kind !== 'thrown' || !(end.error instanceof DynoError) || end.error.code !== 'target-died')
    return undefined;
  const { message, hint } = end.error;
  const small = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
  return hint === undefined ? small(message) : `${small(message)}; ${small(hint)}`;
}

/** A target that may be gone, going by what happened, is tried once more. */
async function lost({ bench }: TestRun, end: End, measured: TestOutcome): Promise<string | undefined> {
  const failed =
    measured.status === 'error' ||
    measured.status === 'fail' ||
    (measured.failures ?? []).some((failure) => suspicious.has(failure.class));
  const thrown =
    end.kind === 'thrown' &&
    (end.error instanceof WireError
      ? suspicious.has(end.error.outcome)
      : end.error instanceof DynoError && end.error.exitCode === exitCodes.unreachable);
  return failed || thrown ? await bench.ended() : undefined;
}

const suspicious: ReadonlySet<string> = new Set(['connect', 'transport']);

function reasonOf(signal: AbortSignal): string | undefined {
  return signal.aborted ? String(signal.reason) : undefined;
}

function onAbort(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
}

class Timers {
  readonly #timers: NodeJS.Timeout[] = [];
  #cleared = false;

  after(ms: number, callback: () => void): void {
    if (!this.#cleared) this.#timers.push(setTimeout(callback, ms));
  }

  clear(): void {
    this.#cleared = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
