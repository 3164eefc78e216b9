/** The generator is limited above this busy share of a load thread (0…1). */
export const busyShareLimit = 0.85;
/** …or when its p99 lateness is above this many milliseconds and above {@link scheduleLagShareLimit} of the median. */
export const scheduleLagLimitMs = 0.5;
/** The share of the median latency that schedule lag may reach. */
export const scheduleLagShareLimit = 0.1;

/** What the load generator knows of itself. */
export interface GeneratorEvidence {
  /** The largest share of time that a load thread spent in its own handlers (0…1), without deliberate polling. */
  busyShare: number;
  /** p99 of (send − max(intended, slot free)), ms; null where nothing was measured. */
  scheduleLagP99Ms: number | null;
  /** p50 of the latency, ms; null where nothing was measured. */
  latencyP50Ms: number | null;
}

/** Whether the generator was at its limit, and the sentences that prove it. */
export interface GeneratorJudgement {
  limited: boolean;
  evidence: string[];
}

/**
 * Judges the load generator by its own evidence alone: busy share above 0.85, or schedule-lag p99 above 0.5 ms and above
 * 10 % of the median latency. A slow target never makes it limited.
 */
export function judgeGenerator({
  busyShare,
  scheduleLagP99Ms,
  latencyP50Ms,
}: GeneratorEvidence): GeneratorJudgement {
  const evidence: string[] = [];
  if (busyShare > busyShareLimit) {
    evidence.push(
      `A load thread was busy ${percent(busyShare)} of the time (limit ${percent(busyShareLimit)}); ` +
        'use more threads (--workers) or a lower rate.',
    );
  }
  const lag = scheduleLagP99Ms ?? 0;
  const allowed = Math.max(scheduleLagLimitMs, scheduleLagShareLimit * (latencyP50Ms ?? 0));
  if (lag > allowed) {
    evidence.push(
      `Calls left up to ${milliseconds(lag)} late (p99 of schedule lag; limit ${milliseconds(allowed)} ` +
        `at a median latency of ${milliseconds(latencyP50Ms ?? 0)}).`,
    );
  }
  return { limited: evidence.length > 0, evidence };
}

/** What is known of a load that may have hit a limit. */
export interface LoadEvidence {
  limited: boolean;
  /** Calls per second started by the plan; null in a closed model. */
  offeredRate: number | null;
  /** Calls per second that ended. */
  achievedRate: number;
  /** Connections, or calls that may be in flight at once. */
  slots: number;
  /** Mean calls in flight. */
  meanInFlight: number;
  /** CPU of the target's process tree in % of one core, null where it cannot be seen. */
  targetCpuPercent?: number | null;
  /** Median service time, ms, and the same with one call in flight where it was measured. */
  serviceTimeP50Ms?: number | null;
  unloadedServiceTimeMs?: number | null;
}

/** Which of generator, slots or target kept the load from being higher, with the sentence that says so. */
export interface Attribution {
  limit: 'none' | 'generator' | 'slots' | 'target';
  sentence: string;
}

/**
 * Says what was at its limit. Slots are when (nearly) all were in use and neither CPU nor service time shows the target at
 * its end; an idle generator with idle slots and a low rate leaves the target.
 */
export function attributeLimit(load: LoadEvidence): Attribution {
  if (load.limited) return { limit: 'generator', sentence: 'The load generator was at its limit.' };
  const kept = load.offeredRate === null ? null : load.achievedRate / load.offeredRate;
  if (kept !== null && kept >= 0.98) {
    return { limit: 'none', sentence: `The offered load was carried (${percent(kept)} of it).` };
  }
  const short = kept === null ? '' : `Only ${percent(kept)} of the offered load was carried: `;
  const cpu = load.targetCpuPercent ?? null;
  if (cpu !== null && cpu >= 90) {
    return { limit: 'target', sentence: sentence(short, `the target used ${Math.round(cpu)} % of a core`) };
  }
  const slow = load.serviceTimeP50Ms ?? null;
  const unloaded = load.unloadedServiceTimeMs ?? null;
  if (slow !== null && unloaded !== null && slow > 1.5 * unloaded) {
    return {
      limit: 'target',
      sentence: sentence(
        short,
        `the target took ${milliseconds(slow)} a call, ${milliseconds(unloaded)} when unloaded`,
      ),
    };
  }
  if (load.meanInFlight >= 0.95 * load.slots) {
    const own = load.slots === 1 ? 'the one slot was' : `all ${load.slots} slots were`;
    return {
      limit: 'slots',
      sentence: sentence(short, `${own} in use; more connections may carry more`),
    };
  }
  return kept === null
    ? { limit: 'none', sentence: 'Nothing was at its limit.' }
    : { limit: 'target', sentence: sentence(short, 'generator and slots had room, the target did not') };
}

function sentence(start: string, rest: string): string {
  const text = start + rest;
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function milliseconds(ms: number): string {
  return `${Number(ms.toPrecision(3))} ms`;
}
