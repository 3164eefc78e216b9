import type { Clock } from '../core/index.js';
import { cgroupOf, type CgroupReader } from './cgroup.js';
import { containerClientOf, containerPid, type ContainerClient } from './container-client.js';
import { CgroupSampler } from './cgroup-sampler.js';
import { hasProc } from './process-table.js';
import { ProcessTreeSampler } from './process-tree-sampler.js';
import { MetricsSampler } from './prometheus/metrics-sampler.js';
import { PsSampler } from './ps-sampler.js';
import type { ResourceSampler, SamplerTiming } from './tree-sample.js';

/** What a target's resources can be read from. */
export type ResourceSource =
  /**
   * Processes of this machine; `mark` names those that left the tree (see ProcessTreeSampler). Of a `docker run` the
   * container is read instead.
   */
  | { kind: 'processes'; pids: [number, ...number[]]; mark?: string }
  /** A Prometheus endpoint of the target (`process_*` metrics). */
  | { kind: 'metrics'; url: string }
  /** Nothing; `reason` is a sentence for the report. */
  | { kind: 'none'; reason: string };

/** A sampler for a source, or the reason why there is none. */
export function samplerOf(
  source: ResourceSource,
  options: SamplerTiming & { clock?: Clock } = {},
): ResourceSampler | { reason: string } {
  if (source.kind === 'none') return { reason: source.reason };
  if (source.kind === 'metrics') return new MetricsSampler(source.url, options);
  if (!hasProc) return new PsSampler(source.pids, options);
  const client = containerClientOf(source.pids[0]);
  if (client !== undefined) return new CgroupSampler(() => containerGroup(client), options);
  return new ProcessTreeSampler(source.pids, {
    ...options,
    ...(source.mark === undefined ? {} : { mark: source.mark }),
  });
}

async function containerGroup(client: ContainerClient): Promise<CgroupReader> {
  const reader = cgroupOf(await containerPid(client));
  if (reader === undefined) throw new Error("the container's cgroup cannot be read here");
  return reader;
}
