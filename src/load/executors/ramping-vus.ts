import { formatDuration } from '../../core/units.js';
import type { Stage } from '../../plan/load-plan.js';
import { wholeNumber, type Executor } from './executor.js';

/** A number of virtual users that follows stages, linearly within each. */
export const rampingVus: Executor<'ramping-vus'> = {
  kind: 'ramping-vus',
  validate: (plan) => [
    ...wholeNumber('the number of connections at the start', plan.startVus, 0),
    ...stageFaults(plan.stages, 'connections'),
  ],
  describe: (plan) =>
    `from ${plan.startVus} in flight ${plan.stages.map((stage) => `to ${stage.target} in ${formatDuration(stage.durationMs)}`).join(', ')}`,
  shape: (plan) => {
    const durationMs = totalMs(plan.stages);
    const vus = Math.max(plan.startVus, ...plan.stages.map((stage) => stage.target));
    return { model: 'closed', vus, durationMs, vusAt: (ms) => vusAt(plan.startVus, plan.stages, ms) };
  },
};

/** What is wrong with stages, a sentence each. */
export function stageFaults(stages: readonly Stage[], what: string): string[] {
  if (stages.length === 0) return ['Expected at least one stage'];
  const faults = stages.flatMap((stage, index) => [
    ...(Number.isFinite(stage.durationMs) && stage.durationMs >= 0
      ? []
      : [`Expected stage ${index + 1} to have a duration of 0 ms or more, got ${stage.durationMs}`]),
    ...(Number.isFinite(stage.target) && stage.target >= 0
      ? []
      : [`Expected stage ${index + 1} to have 0 or more ${what}, got ${stage.target}`]),
  ]);
  if (faults.length > 0) return faults;
  if (totalMs(stages) === 0) return ['Expected the stages to last longer than 0 ms in all'];
  return stages.every((stage) => stage.target === 0) ? [`Expected a stage with more than 0 ${what}`] : [];
}

/** How long stages last together, ms. */
export function totalMs(stages: readonly Stage[]): number {
  return stages.reduce((sum, stage) => sum + stage.durationMs, 0);
}

function vusAt(startVus: number, stages: readonly Stage[], ms: number): number {
  let from = startVus;
  let at = 0;
  for (const stage of stages) {
    if (ms < at + stage.durationMs) {
      return Math.round(from + ((stage.target - from) * (ms - at)) / stage.durationMs);
    }
    at += stage.durationMs;
    from = stage.target;
  }
  return from;
}
