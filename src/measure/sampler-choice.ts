import type { Clock } from '../core/index.js';
import { cgroupOf } from './cgroup.js';
import { CgroupSampler } from './cgroup-sampler.js';
import { hasProc } from './process-table.js';
import { ProcessTreeSampler } from './process-tree-sampler.js';
import { PsSampler } from './ps-sampler.js';
import type { ResourceSampler, SamplerTiming } from './tree-sample.js';

/** What a target's resources can be read from. */
export type ResourceSource =
  /** Processes of this machine; `mark` names those that left the tree (see ProcessTreeSampler). */
  | { kind: 'processes'; pids: [number, ...number[]]; mark?: string }
  /** The control group of a container, by a process in it. */
  | { kind: 'container'; pid: number }
  /** Nothing; `reason` is a sentence for the report. */
  | { kind: 'none'; reason: string };

/** A sampler for a source, or the reason why there is none. */
export function samplerOf(
  source: ResourceSource,
  options: SamplerTiming & { clock?: Clock } = {},
): ResourceSampler | { reason: string } {
  if (source.kind === 'none') return { reason: source.reason };
  if (source.kind === 'container') {
    const reader = cgroupOf(source.pid);
    return reader === undefined
      ? { reason: `the cgroup of the container's process ${source.pid} cannot be read` }
      : new CgroupSampler(reader, options);
  }
  if (!hasProc) return new PsSampler(source.pids, options);
  return new ProcessTreeSampler(source.pids, {
    ...options,
    ...(source.mark === undefined ? {} : { mark: source.mark }),
  });
}
