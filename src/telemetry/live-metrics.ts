import { failureClasses, type TargetReport } from '../core/index.js';
import type { OperationTotals, Summary } from '../load/index.js';
import type { LoadPlan, OperationPlan } from '../plan/load-plan.js';
import type { BucketPoint, ExportedMetric, ValuePoint } from '../report/prometheus/index.js';
import type { TestProgress } from '../suite/index.js';
import { durationBounds } from './duration-bounds.js';

/** Counts of one operation of one test, over all its loads. */
interface Tally {
  counts: number[];
  count: number;
  sum: number;
  ok: number;
  failed: number[];
}

interface Load {
  test: string;
  plan: LoadPlan;
  operations: readonly OperationTotals[];
  offered: number;
  dropped: number;
}

/**
 * What is known of a run while it goes on, as cumulative metrics: `mcp.client.operation.duration` (OpenTelemetry's
 * semantic conventions for MCP, in seconds, from sending to the answer), calls by outcome, and the target's resources.
 * Loads of a test that follow one another add up; histograms are worked out only when somebody reads.
 */
export class LiveMetrics {
  readonly #target: TargetReport;
  readonly #over: Map<string, { test: string; operation: OperationPlan; tally: Tally }> = new Map();
  #offered = 0;
  #dropped = 0;
  #load: Load | undefined;
  #latest: TestProgress | undefined;

  /** @param target for the attributes that all operations share. */
  constructor(target: TargetReport) {
    this.#target = target;
  }

  /** Takes note of progress; cheap, however often it comes. */
  look(progress: TestProgress): void {
    const { test, plan, load } = progress;
    if (this.#load !== undefined && this.#load.plan !== plan) this.#fold(this.#load);
    const { operations, offered, dropped } = load;
    this.#load = { test: test.id, plan, operations, offered, dropped };
    this.#latest = progress;
  }

  /** Every metric as of now. */
  metrics(): ExportedMetric[] {
    const all = [...this.#over.values()].map((one) => ({ ...one, tally: added(emptyTally(), one.tally) }));
    const load = this.#load;
    for (const [i, operation] of (load?.plan.operations ?? []).entries()) {
      const totals = load!.operations[i];
      if (totals === undefined) continue;
      const known = all.find((one) => one.test === load!.test && one.operation.name === operation.name);
      if (known) added(known.tally, tallyOf(totals));
      else all.push({ test: load!.test, operation, tally: tallyOf(totals) });
    }
    const durations: BucketPoint[] = [];
    const calls: ValuePoint[] = [];
    for (const { test, operation, tally } of all) {
      const labels = this.#labels(test, operation);
      if (tally.count > 0) {
        durations.push({ labels, counts: tally.counts, count: tally.count, sum: tally.sum });
      }
      const outcomes = [
        ['ok', tally.ok] as const,
        ...failureClasses.map((name, i) => [name, tally.failed[i] ?? 0] as const),
      ];
      for (const [outcome, value] of outcomes) {
        if (value > 0) calls.push({ labels: { ...labels, 'dyno.outcome': outcome }, value });
      }
    }
    return [
      {
        name: 'mcp.client.operation.duration',
        help: 'How long a request took, from sending it until its answer was there.',
        unit: 's',
        kind: 'histogram',
        bounds: durationBounds,
        points: durations,
      },
      counter('dyno.calls', 'Finished calls by outcome.', '{call}', calls),
      counter('dyno.offered', 'Calls that were due.', '{call}', [
        { labels: {}, value: this.#offered + (load?.offered ?? 0) },
      ]),
      counter('dyno.dropped', 'Calls that were due and never made.', '{call}', [
        { labels: {}, value: this.#dropped + (load?.dropped ?? 0) },
      ]),
      ...this.#now(),
    ];
  }

  #now(): ExportedMetric[] {
    const latest = this.#latest;
    if (latest === undefined) return [];
    const labels = { 'dyno.test': latest.test.id };
    const gauge = (name: string, help: string, unit: string, value: number): ExportedMetric => ({
      name,
      help,
      unit,
      kind: 'gauge',
      points: [{ labels, value }],
    });
    const elapsed = gauge(
      'dyno.load.elapsed',
      'How long the load that is going on has lasted.',
      's',
      Math.max(0, latest.load.elapsedMs) / 1000,
    );
    const { target } = latest;
    if (target === undefined) return [elapsed];
    return [
      elapsed,
      gauge('dyno.target.memory', 'Resident memory of all processes of the target.', 'By', target.rssBytes),
      ...(target.cpuPercent === null
        ? []
        : [gauge('dyno.target.cpu', 'CPU of the target, of one core.', '1', target.cpuPercent / 100)]),
    ];
  }

  #fold({ test, plan, operations, offered, dropped }: Load): void {
    for (const [i, operation] of plan.operations.entries()) {
      const totals = operations[i];
      if (totals === undefined) continue;
      const key = `${test}\n${operation.name}`;
      const known = this.#over.get(key);
      if (known) added(known.tally, tallyOf(totals));
      else this.#over.set(key, { test, operation, tally: tallyOf(totals) });
    }
    this.#offered += offered;
    this.#dropped += dropped;
  }

  #labels(test: string, { method, tool }: OperationPlan): Record<string, string> {
    const { kind, url, protocolVersion } = this.#target;
    const where = url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
    return {
      'mcp.method.name': method,
      ...(tool === undefined ? {} : { 'gen_ai.tool.name': tool, 'gen_ai.operation.name': 'execute_tool' }),
      ...(protocolVersion === undefined ? {} : { 'mcp.protocol.version': protocolVersion }),
      ...(kind === 'in-process' ? {} : { 'network.transport': kind === 'stdio' ? 'pipe' : 'tcp' }),
      ...(where === undefined ? {} : { 'server.address': where.hostname, 'server.port': portOf(where) }),
      'dyno.test': test,
    };
  }
}

function portOf({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port;
}

function counter(name: string, help: string, unit: string, points: readonly ValuePoint[]): ExportedMetric {
  return { name, help, unit, kind: 'counter', points };
}

function emptyTally(): Tally {
  return {
    counts: durationBounds.map(() => 0).concat(0),
    count: 0,
    sum: 0,
    ok: 0,
    failed: failureClasses.map(() => 0),
  };
}

function tallyOf({ ok, failed, service, latency }: OperationTotals): Tally {
  // The service times are apart only where they differ from the latencies.
  const times: Summary = service.count > 0 ? service : latency;
  const { histogram, count, sumMs } = times;
  let above = count;
  const counts = durationBounds.map((bound) => {
    const over = histogram.countAbove(bound * 1000);
    const inside = above - over;
    above = over;
    return inside;
  });
  return { counts: [...counts, above], count, sum: sumMs / 1000, ok, failed: [...failed] };
}

/** Adds `more` to `to`, and gives it back. */
function added(to: Tally, more: Tally): Tally {
  to.counts = to.counts.map((count, i) => count + more.counts[i]!);
  to.failed = to.failed.map((count, i) => count + more.failed[i]!);
  to.count += more.count;
  to.sum += more.sum;
  to.ok += more.ok;
  return to;
}
