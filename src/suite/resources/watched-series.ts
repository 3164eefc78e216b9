import type { TestResult } from '../../core/run-result.js';
import type { WatchedSample } from '../target-watch.js';

const mostPoints = 600;

/** What was watched as columns over time, at most 600 points: an interval shows the last sample of it, CPU and rate its mean. */
export function watchedSeries(samples: readonly WatchedSample[]): TestResult['series'] {
  const step = Math.ceil(samples.length / mostPoints);
  const points = samples.filter((_, index) => index % step === 0);
  const start = points[0]?.t ?? 0;
  const rounded = (value: number | null, digits: number) =>
    value === null ? null : Number(value.toFixed(digits));
  const change = (of: (now: WatchedSample, before: WatchedSample) => number | null) =>
    points.map((now, index) => {
      const before = points[index - 1];
      return before === undefined || now.t <= before.t ? null : of(now, before);
    });
  const rate = (now: WatchedSample, before: WatchedSample) =>
    rounded(((now.calls - before.calls) * 1000) / (now.t - before.t), 1);
  return {
    t: points.map(({ t }) => (t - start) / 1000),
    throughput: change(rate),
    'target.rss': points.map(({ rssBytes }) => rounded(rssBytes / 1e6, 2)),
    'target.cpu': points.map(({ cpuPercent }) => rounded(cpuPercent, 1)),
    'target.fds': points.map(({ fds }) => fds),
    'target.threads': points.map(({ threads }) => threads),
    'generator.rss': points.map(({ generatorRssBytes }) => rounded(generatorRssBytes / 1e6, 2)),
  };
}
