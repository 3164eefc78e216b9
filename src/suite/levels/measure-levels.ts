import { messageOf } from '../../core/errors.js';
import type { LoadedPart, TestContext } from '../suite-test.js';
import { recovery, type Recovery } from './recovery.js';

/** One level of a closed load, measured. */
export interface Level {
  /** Calls in flight. */
  inFlight: number;
  part: LoadedPart;
}

/** Levels in the order in which they were measured, and why there are no more. */
export interface MeasuredLevels {
  levels: Level[];
  /** Set where raising the load ended before the last level; a sentence's part. */
  ended?: string;
  /** How the target ended, in the middle of a level or right after the last. */
  died?: string;
  /** What came after the last level; undefined where the target or the run ended. */
  recovery?: Recovery;
}

/** How long a level is held, ms. */
export interface LevelTiming {
  durationMs: number;
  warmupMs: number;
}

/** Below this share of ok calls a server no longer carries the load, and more of it shows nothing. */
const leastSuccess = 0.5;

/**
 * Holds so many calls in flight, one level after the other. It ends early where the run is stopped, the target dies, fewer than
 * half of a level's calls come out ok, or a level cannot be opened though one before it could. After the last level it waits until
 * single calls are answered again: what comes next may be less.
 *
 * @throws DynoError (111) when not even the first level can be opened.
 */
export async function measureLevels(
  context: TestContext,
  wanted: readonly number[],
  { durationMs, warmupMs }: LevelTiming,
): Promise<MeasuredLevels> {
  const levels: Level[] = [];
  for (const inFlight of wanted) {
    if (context.stop.aborted) return { levels, ended: 'the run was stopped' };
    const load = context.load(
      {
        executor: { kind: 'constant-vus', vus: inFlight, durationMs },
        warmup: warmupMs > 0 ? { kind: 'time', ms: warmupMs } : { kind: 'none' },
      },
      `${inFlight} in flight`,
    );
    let part: LoadedPart;
    try {
      part = await load;
    } catch (error) {
      if (levels.length === 0) throw error;
      return { levels, ended: `${inFlight} in flight could not be opened: ${messageOf(error)}` };
    }
    const { report, parts } = part;
    // A level that was cut short is only better than nothing.
    if (report.stopped && levels.length > 0) return { levels, ended: 'the run was stopped' };
    levels.push({ inFlight, part });
    if (report.died !== undefined) return endedBy(report.died, levels);
    const success = parts.metrics['success_rate']?.value ?? 0;
    if (success < leastSuccess) {
      const share = `only ${(100 * success).toFixed(1)} % of the calls came out ok with ${inFlight} in flight`;
      return { ended: share, ...(await afterLast(context, levels)) };
    }
  }
  return levels.length === 0 || context.stop.aborted ? { levels } : await afterLast(context, levels);
}

async function afterLast(context: TestContext, levels: Level[]): Promise<MeasuredLevels> {
  const found = await recovery(context);
  return found.died === undefined ? { levels, recovery: found } : endedBy(found.died, levels);
}

function endedBy(died: string, levels: Level[]): MeasuredLevels {
  return { levels, died, ended: `the target ended: ${died}` };
}
