/** What a target's processes used at one moment, all of them together. Null where it cannot be told. */
export interface TreeSample {
  /** The clock's monotonic time, ms. */
  t: number;
  /** CPU since the sample before, in % of one core; null in the first one. */
  cpuPercent: number | null;
  /** Resident memory, shared pages counted once per process. */
  rssBytes: number;
  /** Proportional set size: shared pages divided by their users; as old as `detailEveryMs`, older in trees where it is expensive. */
  pssBytes: number | null;
  /** Open file descriptors; as old as `detailEveryMs`. */
  fds: number | null;
  /** How old `fds` is at most, ms; absent where it is as new as the sample. */
  fdsAgeMs?: number;
  threads: number | null;
  /** Living processes. 0 means that the target is gone. */
  processes: number;
}

/** Something that reads what a target uses, again and again. */
export interface ResourceSampler {
  /** What is not measured here, and why; one sentence each. */
  readonly missing: readonly string[];
  /** The last sample. */
  readonly last: TreeSample | undefined;
  /** CPU time of the target since the first sample, ms. */
  readonly cpuMs: number;
  /** Takes the first sample and then one every interval, until {@link ResourceSampler.stop}. */
  start(onSample?: (sample: TreeSample) => void): void;
  /** One more sample at once, with fresh PSS and file descriptors. */
  sample(): Promise<TreeSample>;
  stop(): void;
}

/** How often to look. */
export interface SamplerTiming {
  /** Between samples, ms; 250. */
  intervalMs?: number;
  /** Between looks at PSS and file descriptors, ms; 5,000. */
  detailEveryMs?: number;
}
