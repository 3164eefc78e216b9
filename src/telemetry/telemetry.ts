import {
  backgroundClock,
  messageOf,
  printableLine,
  redact,
  type Clock,
  type RunResult,
  type TargetReport,
} from '../core/index.js';
import { runMetrics, type ExportedMetric } from '../report/prometheus/index.js';
import type { TestProgress } from '../suite/index.js';
import { LiveMetrics } from './live-metrics.js';
import { otlpSink } from './otlp-sink.js';
import { isAddress, prometheusFile, prometheusServer } from './prometheus-sinks.js';
import type { TelemetrySink } from './sink.js';

/** Where metrics of a run go, and how often. */
export interface TelemetryOptions {
  /** `otlp` with the URL of a receiver; `prometheus` with a file or an address. */
  outputs: readonly { format: 'otlp' | 'prometheus'; path: string }[];
  target: TargetReport;
  /** Ms. */
  intervalMs: number;
  /** For one export, ms; default 5,000. */
  timeoutMs?: number;
  /** The path of a file as the file system wants it. */
  resolve: (path: string) => string;
  /** Hears, once per place, that metrics are not taken. */
  onProblem: (sentence: string) => void;
  clock?: Clock;
}

/**
 * Sends what is known of a run to other systems: again and again while it goes on, and a last time with its result. A
 * receiver that is dead or slow costs the run nothing: one export at a time, each with a limit, failures said once.
 */
export class Telemetry {
  readonly #sinks: readonly TelemetrySink[];
  readonly #live: LiveMetrics;
  readonly #options: TelemetryOptions;
  readonly #clock: Clock;
  readonly #troubled = new Set<TelemetrySink>();
  readonly #busy = new Map<TelemetrySink, Promise<void>>();
  #cancel: () => void = () => undefined;
  #stopped = false;

  private constructor(sinks: readonly TelemetrySink[], live: LiveMetrics, options: TelemetryOptions) {
    this.#sinks = sinks;
    this.#live = live;
    this.#options = options;
    this.#clock = options.clock ?? backgroundClock;
    this.#plan();
  }

  /** @throws DynoError (104) where an address cannot be listened on. */
  static async start(options: TelemetryOptions): Promise<Telemetry> {
    const live = new LiveMetrics(options.target);
    const sinks: TelemetrySink[] = [];
    try {
      for (const output of options.outputs) sinks.push(await sinkOf(output, live, options));
    } catch (error) {
      for (const sink of sinks) await sink.close();
      throw error;
    }
    return new Telemetry(sinks, live, options);
  }

  /** The places that take metrics, with the port where the system chose it. */
  get places(): string[] {
    return this.#sinks.map(({ place }) => redact(place));
  }

  /** Takes note of how a load goes. */
  look(progress: TestProgress): void {
    this.#live.look(progress);
  }

  /**
   * Sends the result, and ends.
   *
   * @returns what took it, for the list of files.
   */
  async end(run: RunResult): Promise<{ format: string; path: string }[]> {
    this.#stopped = true;
    this.#cancel();
    const metrics = [...this.#live.metrics(), ...runMetrics(run)];
    const taken = await Promise.all(this.#sinks.map((sink) => this.#last(sink, metrics)));
    return this.#sinks
      .filter((_sink, i) => taken[i])
      .map(({ format, place }) => ({ format, path: redact(place) }));
  }

  /** Ends without a result. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await Promise.all(this.#sinks.map((sink) => this.#close(sink)));
  }

  #plan(): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(this.#options.intervalMs, () => {
      const free = this.#sinks.filter((sink) => !this.#busy.has(sink));
      const metrics = free.length === 0 ? [] : this.#live.metrics();
      for (const sink of free) void this.#send(sink, metrics);
      this.#plan();
    });
  }

  async #last(sink: TelemetrySink, metrics: readonly ExportedMetric[]): Promise<boolean> {
    await this.#busy.get(sink);
    const taken = await this.#send(sink, metrics);
    await this.#close(sink);
    return taken;
  }

  async #send(sink: TelemetrySink, metrics: readonly ExportedMetric[]): Promise<boolean> {
    let taken = false;
    const sending = this.#within(sink.write(metrics)).then(
      () => {
        taken = true;
      },
      (error: unknown) => {
        this.#said(sink, error);
      },
    );
    this.#busy.set(sink, sending);
    await sending;
    this.#busy.delete(sink);
    return taken;
  }

  async #close(sink: TelemetrySink): Promise<void> {
    await this.#within(sink.close()).catch(() => undefined);
  }

  /** A sink that does not keep to its own time is left behind rather than waited for. */
  #within<T>(work: Promise<T>): Promise<T> {
    const limitMs = (this.#options.timeoutMs ?? defaultTimeoutMs) + 500;
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(limitMs, () => {
        reject(new Error(`it took longer than ${limitMs} ms`));
      });
      work.then(resolve, reject).finally(cancel);
    });
  }

  #said(sink: TelemetrySink, error: unknown): void {
    if (this.#troubled.has(sink)) return;
    this.#troubled.add(sink);
    const why = printableLine(messageOf(error), 200);
    this.#options.onProblem(
      redact(`Metrics are not taken by ${sink.format}=${sink.place}: ${why}. The run goes on without.`),
    );
  }
}

const defaultTimeoutMs = 5000;

async function sinkOf(
  { format, path }: TelemetryOptions['outputs'][number],
  live: LiveMetrics,
  options: TelemetryOptions,
): Promise<TelemetrySink> {
  const clock = options.clock ?? backgroundClock;
  if (format === 'otlp') {
    return otlpSink({
      url: path,
      timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
      resource: resourceOf(options.target),
      clock,
    });
  }
  if (isAddress(path)) return prometheusServer(path, () => live.metrics());
  return prometheusFile(options.resolve(path), path);
}

function resourceOf({ serverInfo, url, command }: TargetReport): Record<string, string> {
  const where = url ?? command;
  return {
    ...(serverInfo === undefined
      ? {}
      : {
          'dyno.server.name': printableLine(serverInfo.name, 200),
          'dyno.server.version': printableLine(serverInfo.version, 200),
        }),
    ...(where === undefined ? {} : { 'dyno.target': printableLine(redact(where), 500) }),
  };
}
