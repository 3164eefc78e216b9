import { View, comparisonFace, type ComparisonSnapshot, type ViewMode } from '../../live/index.js';
import { Summary } from '../../load/index.js';
import type { LoadProgress } from '../../load/index.js';
import type { PairedProgress } from '../../suite/compare/index.js';
import type { CommandContext } from '../command.js';

/** The view while pairs are run. */
export interface ProgressView {
  update(progress: PairedProgress): void;
  line(text: string): void;
  stop(): void;
}

/** The view of a comparison: a live one on a terminal, else a line now and then; with `--quiet` nothing. */
export function progressView({ io, settings }: CommandContext): ProgressView {
  const mode: ViewMode = settings.quiet ? 'off' : io.stderr.isTTY && settings.tui ? 'live' : 'plain';
  const view = new View(comparisonFace, io.stderr, mode);
  const began = performance.now();
  return {
    update: (progress) => {
      view.update(() => snapshotOf(progress, performance.now() - began));
    },
    line: (text) => {
      if (mode !== 'off') view.line(text);
    },
    stop: () => {
      view.stop();
    },
  };
}

function snapshotOf(
  { pair, until, maxPairs, running, load, comparison }: PairedProgress,
  elapsedMs: number,
): ComparisonSnapshot {
  const voided = Object.values(comparison?.voided ?? {}).reduce((sum, times) => sum + times, 0);
  return {
    pair,
    until,
    maxPairs,
    voided,
    running: running.name,
    ...speedOf(load),
    elapsedMs,
    metrics: comparison?.metrics ?? [],
  };
}

function speedOf(load: LoadProgress | undefined): Pick<ComparisonSnapshot, 'callsPerSecond' | 'p50Ms'> {
  if (load === undefined || load.elapsedMs <= 0) return { callsPerSecond: null, p50Ms: null };
  const latency = new Summary();
  let ok = 0;
  for (const totals of load.operations) {
    latency.add(totals.latency);
    ok += totals.ok;
  }
  return { callsPerSecond: (1000 * ok) / load.elapsedMs, p50Ms: latency.histogram.quantile(0.5) };
}
