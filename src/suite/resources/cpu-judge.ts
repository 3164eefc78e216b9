import { cpus } from 'node:os';
import { classifyCpu, type CpuClass } from '../../analysis/cpu-bound.js';
import type { Metrics } from '../../core/run-result.js';
import type { TestOutcome } from '../suite-test.js';

/** Clock ticks of 10 ms say little of a shorter load; ms. */
const leastMs = 400;

/** With less of the machine idle, a target that seems to wait may have waited for its turn. */
const leastIdleShare = 0.1;

/** Tells from a test's loads whether the target computes or waits: the load in which it computed most decides. */
export class CpuJudge {
  #busiest: { percent: number; found: CpuClass } | undefined;
  #machine = machineTimes();

  /** A load begins. */
  begin(): void {
    this.#machine = machineTimes();
  }

  /** The load has ended. @param elapsedMs how long calls were made. */
  add(metrics: Metrics, elapsedMs: number): void {
    const percent = metrics['target.cpu.mean']?.value;
    const serviceTimeMs = metrics['service_time.mean']?.value;
    if (percent == null || serviceTimeMs == null || elapsedMs < leastMs) return;
    if (this.#busiest !== undefined && this.#busiest.percent >= percent) return;
    const throughput = ((metrics['calls.ok']?.value ?? 0) * 1000) / elapsedMs;
    // Little's law: what is in flight on the mean is the rate times the time each call takes.
    const meanInFlight = (throughput * serviceTimeMs) / 1000;
    const found = classifyCpu({ cpuPercent: percent, throughput, serviceTimeMs, meanInFlight });
    const now = machineTimes();
    const idle = (now.idle - this.#machine.idle) / Math.max(1, now.all - this.#machine.all);
    const crowded = found.bound === 'waiting' && idle < leastIdleShare;
    this.#busiest = { percent, found: crowded ? { ...found, bound: 'unclear' } : found };
  }

  /** An outcome with what was found; unchanged where the target's CPU could not be seen. */
  told(outcome: TestOutcome): TestOutcome {
    if (this.#busiest === undefined) return outcome;
    const { bound, cpuMsPerCall, sentence } = this.#busiest.found;
    return {
      ...outcome,
      metrics: { ...outcome.metrics, 'target.cpu.ms_per_call': { value: cpuMsPerCall, unit: 'ms' } },
      notes: [...(outcome.notes ?? []), ...(bound === 'unclear' ? [] : [sentence])],
      details: { ...outcome.details, cpu: bound === 'unclear' ? { bound } : { bound, sentence } },
    };
  }
}

/** CPU time of all cores since the machine started, ms. */
function machineTimes(): { idle: number; all: number } {
  let idle = 0;
  let all = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, all };
}
