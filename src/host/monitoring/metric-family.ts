import { LabelTrie } from './label-trie.js';
import {
  defaultBuckets,
  defaultQuantiles,
  overflowLabels,
  secondsBuckets,
  type Labels,
  type MetricDescription,
  type MetricSnapshot,
  type MetricType,
  type SeriesLabels,
} from './metric.js';
import { checkLabels, hasLongValue, labelKey } from './names.js';
import { Counter, Distribution, Gauge, type Series, type SeriesHome } from './series.js';

/** What a {@link MetricFamily} asks of the collector. */
export interface FamilyHost {
  /** The most series in one metric. */
  readonly maxSeries: number;
  readonly spans: number;
  /** Whether one more series may be kept in all. */
  admits(): boolean;
  added(series: Series): void;
  removed(): void;
  /** A record went to an overflow series. */
  overflowed(): void;
}

/** A metric: its description and its series, at most so many; what is more goes into one overflow series. */
export class MetricFamily implements SeriesHome {
  readonly name: string;
  readonly type: MetricType;
  readonly #host: FamilyHost;
  readonly #series = new Map<string, Series>();
  readonly #aliases = new LabelTrie();
  #description: MetricDescription;
  #overflow: Series | undefined;

  constructor(host: FamilyHost, name: string, description: MetricDescription) {
    this.#host = host;
    this.name = name;
    this.type = description.type;
    this.#description = description;
  }

  get help(): string {
    return this.#description.help ?? '';
  }

  get unit(): string {
    return this.#description.unit ?? '';
  }

  get buckets(): readonly number[] {
    if (this.type !== 'histogram') return [];
    return this.#description.buckets ?? (this.unit === 's' ? secondsBuckets : defaultBuckets);
  }

  get quantiles(): readonly number[] {
    return this.type === 'summary' ? (this.#description.quantiles ?? defaultQuantiles) : [];
  }

  /** Whether nothing was recorded to it so far, so that its description may still change. */
  get blank(): boolean {
    return this.#series.size === 0 && this.#overflow === undefined;
  }

  redescribe(description: MetricDescription): void {
    this.#description = description;
  }

  /** The series of a label set, made if there is room, else the overflow series. */
  seriesFor(labels: Labels | undefined): Series {
    return this.#aliases.find(labels) ?? this.#find(labels);
  }

  /** The series of a label set, if there is one. */
  peek(labels: Labels = {}): Series | undefined {
    const kept = checkLabels(this.name, this.type, labels);
    return (
      this.#series.get(labelKey(kept)) ?? (sameLabels(kept, overflowLabels) ? this.#overflow : undefined)
    );
  }

  /** All series, the overflow last. */
  *all(): Generator<Series> {
    yield* this.#series.values();
    if (this.#overflow !== undefined) yield this.#overflow;
  }

  /** Drops the series that were not recorded to since `before` (clock time). */
  dropIdle(before: number): void {
    const size = this.#series.size;
    for (const [key, series] of this.#series) {
      if (series.seenAt >= before) continue;
      this.#series.delete(key);
      series.dropped = true;
      this.#host.removed();
    }
    // The others are found again, and noted again, with the next record of each.
    if (this.#series.size < size) this.#aliases.clear();
  }

  snapshot(series: Series): MetricSnapshot {
    const { name, unit, help } = this;
    const { labels, createdAt, updatedAt } = series;
    const base = { name, labels, unit, help, createdAt, updatedAt };
    if (!(series instanceof Distribution)) {
      return { ...base, type: this.type as 'counter' | 'gauge', value: series.statistic('value')! };
    }
    return {
      ...base,
      type: this.type as 'histogram' | 'summary',
      count: series.total,
      sum: series.sum,
      mean: series.statistic('mean'),
      min: series.statistic('min'),
      max: series.statistic('max'),
      percentiles: {
        p50: series.statistic('p50'),
        p90: series.statistic('p90'),
        p95: series.statistic('p95'),
        p99: series.statistic('p99'),
        p999: series.statistic('p999'),
      },
      recent: series.recent,
      buckets: this.type === 'histogram' ? series.cumulative() : [],
      quantiles: this.quantiles.map((share) => [share, series.quantile(share)]),
    };
  }

  #find(labels: Labels = {}): Series {
    const kept = checkLabels(this.name, this.type, labels);
    const key = labelKey(kept);
    let series = this.#series.get(key);
    if (series === undefined) {
      if (this.#series.size >= this.#host.maxSeries || !this.#host.admits()) {
        this.#host.overflowed();
        return (this.#overflow ??= this.#make(overflowLabels));
      }
      series = this.#make(kept);
      this.#series.set(key, series);
    }
    // A label set may come in several orders of names; remembering all of them is not worth more than this. Nor is it
    // worth keeping texts that were too long to be kept.
    if (this.#aliases.size < 4 * this.#host.maxSeries && !hasLongValue(labels))
      this.#aliases.add(labels, series);
    return series;
  }

  #make(labels: SeriesLabels): Series {
    const series =
      this.type === 'counter'
        ? new Counter(this, labels)
        : this.type === 'gauge'
          ? new Gauge(this, labels)
          : new Distribution(this, labels, this.#host.spans);
    this.#host.added(series);
    return series;
  }
}

function sameLabels(a: SeriesLabels, b: SeriesLabels): boolean {
  return labelKey(a) === labelKey(b);
}
