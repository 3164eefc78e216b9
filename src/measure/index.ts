/** What processes use: the target's tree, the generator itself, the machine around them. Imports nothing of ours. */
export { familyOf, isRelated } from './process-family.js';
export {
  commandLineOf,
  environmentHolds,
  hasProc,
  readProcess,
  readProcessTable,
  type ProcessEntry,
} from './process-table.js';
export { ProcessTreeSampler, type ProcessTreeSamplerOptions } from './process-tree-sampler.js';
export type { ResourceSampler, SamplerTiming, TreeSample } from './tree-sample.js';
export { samplerOf, type ResourceSource } from './sampler-choice.js';
export { findListener, findListeningPid, type Listener } from './listening-pid.js';
export { cgroupOf, type CgroupReader, type CgroupReading } from './cgroup.js';
export { CgroupSampler } from './cgroup-sampler.js';
export { MetricsSampler } from './prometheus/metrics-sampler.js';
export { readMetricsEndpoint } from './prometheus/read-endpoint.js';
export type { ProcessMetrics } from './prometheus/process-metrics.js';
export { PsSampler } from './ps-sampler.js';
export { descriptorRoom } from './descriptor-room.js';
export { ownConnections } from './own-sockets.js';
export { SelfMeter, type SelfReading } from './self-meter.js';
export { threadCpuMs } from './thread-cpu.js';
export { MachineMeter, type MachineReading } from './machine-meter.js';
export { ciOf, readEnvironment } from './environment.js';
