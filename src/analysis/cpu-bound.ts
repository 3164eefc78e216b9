/** What is known of where a target's time goes. */
export interface CpuEvidence {
  /** Mean CPU of the target's process tree, % of one core. */
  cpuPercent: number;
  /** Calls per second in the same time. */
  throughput: number;
  /** Mean service time of the calls, ms. */
  serviceTimeMs: number;
  /** Mean calls in flight; 1 where they came one after another. */
  meanInFlight: number;
  /** CPU of the target with no load, % of one core; 0 unless given. */
  idleCpuPercent?: number;
}

/** Whether a target computes or waits. */
export interface CpuClass {
  bound: 'cpu' | 'waiting' | 'unclear';
  /** CPU time per call, ms. */
  cpuMsPerCall: number;
  /** The share of a call's own time (without queueing behind others) that is CPU time, 0…1. */
  cpuShare: number;
  sentence: string;
}

const fullCore = 85;

/**
 * Tells a target that computes from one that waits, though their latencies be equal. It is CPU-bound when it uses up a core (85 %
 * or more), or when at least half of a call's time is CPU time; it waits when less than a quarter is.
 *
 * Source: the utilisation law, U = X · S (P. Denning and J. Buzen, "The Operational Analysis of Queueing Network Models", 1978).
 */
export function classifyCpu(evidence: CpuEvidence): CpuClass {
  const { cpuPercent, throughput, serviceTimeMs, meanInFlight, idleCpuPercent = 0 } = evidence;
  const own = Math.max(0, cpuPercent - idleCpuPercent);
  const cpuMsPerCall = throughput > 0 ? (own * 10) / throughput : 0;
  const cpuShare = serviceTimeMs > 0 ? Math.min(1, cpuMsPerCall / serviceTimeMs) : 0;
  const figures = `${Math.round(cpuPercent)} % of a core, ${Number(cpuMsPerCall.toPrecision(2))} ms CPU per call`;
  const answer = (bound: CpuClass['bound'], text: string): CpuClass => ({
    bound,
    cpuMsPerCall,
    cpuShare,
    sentence: `${text} (${figures}).`,
  });
  if (!(throughput > 0)) return answer('unclear', 'No call ended, so its CPU use says nothing');
  if (cpuPercent >= fullCore || cpuShare >= 0.5) {
    // Few calls leave a core idle, though each of them be nothing but work.
    return answer('cpu', cpuPercent >= 50 ? 'The target is CPU-bound' : 'What calls take is mostly CPU time');
  }
  // With many in flight the service time holds queueing inside the target: a low share then proves nothing.
  if (cpuShare < 0.25 && (meanInFlight <= 1.5 || cpuPercent < 50)) {
    return answer('waiting', 'The target mostly waits');
  }
  return answer('unclear', 'The target both computes and waits');
}
