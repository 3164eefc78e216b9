import type { ExportedMetric } from '../report/prometheus/index.js';

/** Somewhere that metrics go to. */
export interface TelemetrySink {
  /** `otlp` or `prometheus`, and the place, for people; redacted before it is shown. */
  readonly format: 'otlp' | 'prometheus';
  readonly place: string;
  /** Hands metrics over; rejects with a sentence when they were not taken. */
  write(metrics: readonly ExportedMetric[]): Promise<void>;
  close(): Promise<void>;
}
