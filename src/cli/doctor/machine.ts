import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, loadavg, platform, release, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sleep } from '../../core/index.js';

/** What is known of the machine before a run; undefined where this system does not say. */
export interface MachineFacts {
  nodeVersion: string;
  platform: string;
  release: string;
  cpuModel: string;
  cores: number;
  load1: number;
  totalMemory: number;
  availableMemory: number;
  swapUsed?: number;
  /** Soft and hard limit on open files. */
  openFiles?: { soft: number; hard: number };
  /** Local ports for outgoing connections. */
  ports?: { first: number; last: number };
  /** CPUs that the container may use. */
  cpuQuota?: number;
  governor?: string;
  hypervisor: boolean;
  /** Share of CPU time that other guests of the host took lately, 0…1. */
  steal?: number;
  /** Smallest step of the monotonic clock, µs. */
  clockStepUs: number;
  /** How late a 1 ms timer fires, p99, ms. */
  timerLagP99Ms: number;
  inspector: boolean;
  nodeOptions: string;
  proxy: string | undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function openFiles(): MachineFacts['openFiles'] {
  const match = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(read('/proc/self/limits') ?? '');
  const limit = (text: string) => (text === 'unlimited' ? Infinity : Number(text));
  return match ? { soft: limit(match[1]!), hard: limit(match[2]!) } : undefined;
}

function memory(): { available: number; swapUsed?: number } {
  const text = read('/proc/meminfo') ?? '';
  const kilobytes = (name: string) => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text);
    return match ? Number(match[1]) * 1024 : undefined;
  };
  const [swapTotal, swapFree] = [kilobytes('SwapTotal'), kilobytes('SwapFree')];
  return {
    available: kilobytes('MemAvailable') ?? freemem(),
    ...(swapTotal !== undefined && swapFree !== undefined ? { swapUsed: swapTotal - swapFree } : {}),
  };
}

function cpuQuota(): number | undefined {
  const [quota, period] = (read('/sys/fs/cgroup/cpu.max') ?? '').trim().split(' ');
  return quota === undefined || quota === '' || quota === 'max' ? undefined : Number(quota) / Number(period);
}

/** CPU ticks since boot by /proc/stat (proc(5)): steal, and all. */
function cpuTicks(): { steal: number; all: number } | undefined {
  const fields = /^cpu\s+(.+)$/m
    .exec(read('/proc/stat') ?? '')?.[1]
    ?.split(/\s+/)
    .map(Number);
  // The last two, guest times, are already part of the first two.
  return fields && { steal: fields[7] ?? 0, all: fields.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0) };
}

function clockStep(): number {
  let smallest = Infinity;
  for (let i = 0; i < 2000; i++) {
    const start = process.hrtime.bigint();
    let end = start;
    while (end === start) end = process.hrtime.bigint();
    smallest = Math.min(smallest, Number(end - start) / 1000);
  }
  return smallest;
}

/** Looks at the machine for about `watchMs` milliseconds. */
export async function inspectMachine(
  env: Readonly<Record<string, string | undefined>>,
  watchMs = 500,
): Promise<MachineFacts> {
  const before = cpuTicks();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(watchMs);
  delay.disable();
  const after = cpuTicks();
  const { available, swapUsed } = memory();
  const range = (read('/proc/sys/net/ipv4/ip_local_port_range') ?? '').trim().split(/\s+/).map(Number);
  const files = openFiles();
  const quota = cpuQuota();
  const governor = read('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')?.trim();
  return {
    nodeVersion: process.versions.node,
    platform: platform(),
    release: release(),
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    load1: loadavg()[0] ?? 0,
    totalMemory: totalmem(),
    availableMemory: available,
    ...(swapUsed === undefined ? {} : { swapUsed }),
    ...(files ? { openFiles: files } : {}),
    ...(range.length === 2 ? { ports: { first: range[0]!, last: range[1]! } } : {}),
    ...(quota === undefined ? {} : { cpuQuota: quota }),
    ...(governor === undefined ? {} : { governor }),
    hypervisor: /^flags\s*:.*\bhypervisor\b/m.test(read('/proc/cpuinfo') ?? ''),
    ...(before && after && after.all > before.all
      ? { steal: (after.steal - before.steal) / (after.all - before.all) }
      : {}),
    clockStepUs: clockStep(),
    // The monitor's own period of 1 ms is part of what it reports.
    timerLagP99Ms: Math.max(0, delay.percentile(99) / 1e6 - 1),
    inspector: process.execArgv.some((argument) => argument.startsWith('--inspect')),
    nodeOptions: env['NODE_OPTIONS'] ?? '',
    proxy: env['HTTP_PROXY'] ?? env['http_proxy'] ?? env['HTTPS_PROXY'] ?? env['https_proxy'],
  };
}
