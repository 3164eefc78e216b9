import type { MergedSettings } from '../plan/options/index.js';
import type { LoadPlan, Stage } from '../plan/load-plan.js';
import type { TurnPlan } from '../plan/turn-plan.js';

/** A load that ends by its number of calls ends by time only after a day. */
const dayMs = 24 * 3_600_000;

/** The load that the flags describe: closed (`-c`), open (`-R`), by number (`-n`), or in stages. */
export function loadShapeOf({
  settings,
  origins,
}: MergedSettings): Pick<LoadPlan, 'executor' | 'warmup'> & Partial<LoadPlan> {
  const { warmup, thinkTime, burst, burstParallel } = settings;
  return {
    executor: executorOf({ settings, origins }),
    warmup,
    ...(thinkTime === undefined ? {} : { thinkTime }),
    ...(burst === undefined ? {} : { turn: burstOf(burst, burstParallel) }),
  };
}

/** More at once than there are calls would only be connections that nothing uses. */
function burstOf(calls: number, parallel: number): TurnPlan {
  return { kind: 'burst', calls, parallel: Math.min(calls, parallel) };
}

function executorOf({ settings, origins }: MergedSettings): LoadPlan['executor'] {
  const { connections: vus, duration, requests, rate, stages, arrivals, maxWaiting } = settings;
  const given = (key: 'connections' | 'duration') => origins[key].kind !== 'default';
  if (rate !== undefined) {
    const open = { vus, arrivals, maxWaiting };
    if (stages) return { kind: 'ramping-arrival-rate', startRate: rate, stages, ...open };
    const byCount = requests === undefined ? Infinity : (requests / rate) * 1000;
    const byTime = given('duration') || requests === undefined ? duration : Infinity;
    return { kind: 'constant-arrival-rate', rate, durationMs: Math.min(byCount, byTime), ...open };
  }
  if (stages) {
    return { kind: 'ramping-vus', startVus: given('connections') ? vus : 1, stages: stages.map(wholeTarget) };
  }
  if (requests !== undefined) {
    const maxDurationMs = given('duration') ? duration : dayMs;
    return { kind: 'shared-iterations', vus: Math.min(vus, requests), iterations: requests, maxDurationMs };
  }
  return { kind: 'constant-vus', vus, durationMs: duration };
}

/** There are no half clients. */
function wholeTarget({ durationMs, target }: Stage): Stage {
  return { durationMs, target: Math.round(target) };
}

/**
 * Calls per second that the flags ask for at most; undefined where only the server sets the pace.
 *
 * @param perTurn calls that one arrival makes.
 */
export function plannedRate({ settings }: MergedSettings, perTurn = 1): number | undefined {
  const { rate, stages } = settings;
  if (rate === undefined) return undefined;
  return perTurn * Math.max(rate, ...(stages ?? []).map((stage) => stage.target));
}
