import { median } from '../../analysis/index.js';
import type { Round } from './round.js';

/** A follower held up by less than this says nothing: share of the call's usual time, and ms. */
const leastHeldShare = 0.3;
const leastHeldMs = 20;
/** CPU of calls under way that stands out from an idle target's, % of one core. */
const leastCpuPercent = 25;

/** How sure work is to have stopped: at most, and from where on it went on. */
const stoppedBelow = 0.3;
const goesOnFrom = 0.7;

/** What many rounds showed of a server's dealing with cancelled calls. Shares: 0 it stops, 1 it goes on as if nothing was said. */
export interface Evidence {
  /** How much of the time that calls hold up a further one they still do when cancelled; undefined where they hold up nothing. */
  held: number | undefined;
  /** How much of the CPU that calls take they still take when cancelled; undefined where it does not stand out. */
  cpu: number | undefined;
  /** How many of the cancelled calls the server worked off by its own count; undefined where it does not count. */
  counted: number | undefined;
  /** Cancelled calls that were under way. */
  cancelled: number;
  lateAnswers: number;
  errorAnswers: number;
  firstError: string | undefined;
  progressAfter: number;
}

/** What a server does with cancelled calls. */
export type Verdict = 'stops' | 'goes on' | 'partly' | 'not seen';

/** Whether calls that are not cancelled hold up another one so much that it would be seen if they went on. */
export function isHeldUp(round: Round, usualMs: number): boolean {
  return (
    round.followMs !== undefined &&
    round.followMs - usualMs >= Math.max(leastHeldMs, leastHeldShare * usualMs)
  );
}

/**
 * Compares rounds in which calls were cancelled with those in which they were not.
 *
 * @param aloneMs what a call takes alone.
 * @param idleCpu of the target when nothing is under way, % of one core; undefined where it cannot be seen.
 */
export function evidenceOf(rounds: readonly Round[], aloneMs: number, idleCpu: number | undefined): Evidence {
  const [cancelled, kept] = [rounds.filter((one) => one.cancelled), rounds.filter((one) => !one.cancelled)];
  const after = cancelled.flatMap((one) => one.after);
  const counts = cancelled.filter((one) => one.workedOff !== undefined);
  const counted = counts.reduce((sum, one) => sum + one.after.length, 0);
  const heldKept = quickOf(kept.map((one) => one.followMs));
  const heldCancelled = quickOf(cancelled.map((one) => one.followMs));
  const most = Math.max(leastHeldMs, leastHeldShare * aloneMs);
  const visible = heldKept !== undefined && heldKept - aloneMs >= most;
  return {
    held:
      visible && heldCancelled !== undefined ? share(heldCancelled - aloneMs, heldKept - aloneMs) : undefined,
    cpu: cpuShare(cancelled, kept, idleCpu),
    counted:
      counted === 0
        ? undefined
        : share(
            counts.reduce((sum, one) => sum + one.workedOff!, 0),
            counted,
          ),
    cancelled: after.length,
    lateAnswers: after.filter((one) => one.answered).length,
    errorAnswers: after.filter((one) => one.error !== undefined).length,
    firstError: after.find((one) => one.error !== undefined)?.error,
    progressAfter: after.reduce((sum, one) => sum + one.progress, 0),
  };
}

function cpuShare(
  cancelled: readonly Round[],
  kept: readonly Round[],
  idle: number | undefined,
): number | undefined {
  const busy = medianOf(kept.map((one) => one.cpuPercent));
  const left = medianOf(cancelled.map((one) => one.cpuPercent));
  if (idle === undefined || busy === undefined || left === undefined) return undefined;
  return busy - idle >= leastCpuPercent ? share(left - idle, busy - idle) : undefined;
}

function share(part: number, whole: number): number {
  return Math.min(1, Math.max(0, part / whole));
}

/** The lower quartile: a busy machine only makes a call longer than the server did. */
function quickOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return known[Math.ceil(known.length / 4) - 1];
}

function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}

/** How much of the work on cancelled calls goes on, by the surest of what was seen; undefined where nothing shows it. */
export function stillWorking({
  counted,
  held,
  cpu,
  lateAnswers,
  progressAfter,
  cancelled,
}: Evidence): number | undefined {
  const seen = counted ?? held ?? cpu;
  // Whoever answers or reports progress is at work; whoever does not may still be.
  const heard =
    cancelled > 0 && (lateAnswers > 0 || progressAfter > 0)
      ? Math.min(1, lateAnswers / cancelled)
      : undefined;
  if (seen === undefined) return progressAfter > 0 ? 1 : heard;
  return Math.max(seen, heard ?? 0);
}

/** In words what a share of {@link stillWorking} means. */
export function verdictOf(working: number | undefined): Verdict {
  if (working === undefined) return 'not seen';
  if (working < stoppedBelow) return 'stops';
  return working >= goesOnFrom ? 'goes on' : 'partly';
}
