/** What a process tells of itself in the Prometheus text format, by the names that all client libraries use. */
export interface ProcessMetrics {
  /** `process_resident_memory_bytes`. */
  rssBytes: number | null;
  /** `process_cpu_seconds_total`, in ms. */
  cpuMs: number | null;
  /** `process_open_fds`. */
  fds: number | null;
  /** `process_threads`, which few tell. */
  threads: number | null;
}

const names = {
  process_resident_memory_bytes: 'rssBytes',
  process_cpu_seconds_total: 'cpuMs',
  process_open_fds: 'fds',
  process_threads: 'threads',
} as const satisfies Record<string, keyof ProcessMetrics>;

/** A longer line is none of ours. */
const longestLine = 4096;

const sampleLine =
  /^(process_[a-z_]+)(?:\s*\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]+([^\s]+)(?:[ \t]+[^\s]+)?[ \t]*(?:#.*)?$/;

/**
 * Reads `process_*` metrics out of the Prometheus text format (and OpenMetrics, which writes these alike), chunk by
 * chunk, and holds no more of it than a line. Several processes behind one endpoint add up. What is malformed, negative or
 * no number counts as not told.
 *
 * Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
export class ProcessMetricsReader {
  readonly metrics: ProcessMetrics = { rssBytes: null, cpuMs: null, fds: null, threads: null };
  #rest = '';
  #skipping = false;

  /** The next piece of the text. */
  push(text: string): void {
    let from = 0;
    for (;;) {
      const end = text.indexOf('\n', from);
      const piece = text.slice(from, end < 0 ? undefined : end);
      if (!this.#skipping) this.#rest += piece;
      if (this.#rest.length > longestLine) {
        this.#rest = '';
        this.#skipping = true;
      }
      if (end < 0) return;
      if (!this.#skipping) this.#line(this.#rest);
      this.#rest = '';
      this.#skipping = false;
      from = end + 1;
    }
  }

  /** The text is over: its last line may lack its end. */
  end(): ProcessMetrics {
    this.push('\n');
    return this.metrics;
  }

  #line(line: string): void {
    if (!line.startsWith('process_')) return;
    const [, name, , written] = sampleLine.exec(line.replace(/\r$/, '')) ?? [];
    if (name === undefined || !Object.hasOwn(names, name)) return;
    const value = Number(written);
    if (written === '' || !Number.isFinite(value) || value < 0 || value > Number.MAX_SAFE_INTEGER) return;
    const key = names[name as keyof typeof names];
    this.metrics[key] = (this.metrics[key] ?? 0) + (key === 'cpuMs' ? value * 1000 : value);
  }
}
