import { formatBytes } from '../../core/index.js';
import type { MachineFacts } from './machine.js';

/** One finding: `warn` spoils figures, `bad` makes a serious run impossible. */
export interface Check {
  name: string;
  status: 'ok' | 'warn' | 'bad';
  finding: string;
  /** What to do about it. */
  hint?: string;
}

type Judge = (facts: MachineFacts) => Check | undefined;

const oldestNode = [20, 19] as const;

const node: Judge = ({ nodeVersion }) => {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const tooOld = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
  return {
    name: 'Node.js',
    status: tooOld ? 'bad' : 'ok',
    finding: nodeVersion,
    ...(tooOld ? { hint: `Node ${oldestNode.join('.')} or newer is needed.` } : {}),
  };
};

const debugging: Judge = ({ inspector, nodeOptions }) => {
  const slow = inspector || /--(inspect|cpu-prof|heap-prof|prof\b|trace)/.test(nodeOptions);
  if (!slow) return undefined;
  return {
    name: 'Node options',
    status: 'warn',
    finding: nodeOptions === '' ? 'a debugger is attached' : `NODE_OPTIONS=${nodeOptions}`,
    hint: 'Debuggers and profilers slow the generator, and stdio servers inherit NODE_OPTIONS.',
  };
};

const cores: Judge = ({ cores: count, cpuModel, cpuQuota }) => {
  const usable = Math.min(count, cpuQuota ?? count);
  return {
    name: 'CPU',
    status: usable < 2 ? 'warn' : 'ok',
    finding: `${count} × ${cpuModel}${cpuQuota === undefined ? '' : `, a quota of ${Number(cpuQuota.toFixed(2))} CPUs`}`,
    ...(usable < 2
      ? { hint: 'With one CPU the generator and a local server take time from each other.' }
      : {}),
  };
};

const load: Judge = ({ load1, cores: count }) => {
  const busy = load1 > 0.5 * count;
  return {
    name: 'Load',
    status: busy ? 'warn' : 'ok',
    finding: `${load1.toFixed(2)} over the last minute, ${count} cores`,
    ...(busy
      ? { hint: 'Other programs are at work; wait or stop them, else their noise is in every figure.' }
      : {}),
  };
};

const governor: Judge = ({ governor: name }) => {
  if (name === undefined) return undefined;
  const slow = name !== 'performance';
  return {
    name: 'CPU governor',
    status: slow ? 'warn' : 'ok',
    finding: name,
    ...(slow
      ? { hint: "The clock follows the load: 'cpupower frequency-set -g performance' before comparing." }
      : {}),
  };
};

const steal: Judge = ({ hypervisor, steal: share }) => {
  if (!hypervisor && !share) return undefined;
  const percent = 100 * (share ?? 0);
  return {
    name: 'Virtual machine',
    status: percent > 1 ? 'warn' : 'ok',
    finding: `${hypervisor ? 'yes' : 'not said'}, ${percent.toFixed(1)} % of CPU time stolen`,
    ...(percent > 1
      ? { hint: 'Neighbours take CPU: compare two builds in one run (dyno compare), not across runs.' }
      : {}),
  };
};

const memory: Judge = ({ totalMemory, availableMemory, swapUsed }) => {
  const short = availableMemory < 512e6;
  const swapping = (swapUsed ?? 0) > 0.1 * totalMemory;
  return {
    name: 'Memory',
    status: short || swapping ? 'warn' : 'ok',
    finding: `${formatBytes(availableMemory)} of ${formatBytes(totalMemory)} available${
      swapUsed ? `, ${formatBytes(swapUsed)} in swap` : ''
    }`,
    ...(short ? { hint: 'Memory tests need some: the extreme ones are skipped below 512 MB.' } : {}),
    ...(swapping
      ? { hint: 'A swapped server has a small RSS and answers late: free some memory first.' }
      : {}),
  };
};

const files: Judge = ({ openFiles }) => {
  if (!openFiles) return undefined;
  const few = openFiles.soft < 4096;
  return {
    name: 'Open files',
    status: openFiles.soft < 256 ? 'bad' : few ? 'warn' : 'ok',
    finding: `${openFiles.soft} (at most ${openFiles.hard})`,
    ...(few
      ? { hint: `1,000 connections need about 2,100: 'ulimit -n ${Math.min(openFiles.hard, 65_536)}' first.` }
      : {}),
  };
};

const ports: Judge = ({ ports: range }) => {
  if (!range) return undefined;
  const count = range.last - range.first + 1;
  return {
    name: 'Local ports',
    status: count < 10_000 ? 'warn' : 'ok',
    finding: `${count} (${range.first} to ${range.last})`,
    ...(count < 10_000
      ? { hint: 'Sessions opened per call (--session per-call) may run out of ports within a minute.' }
      : {}),
  };
};

const clock: Judge = ({ clockStepUs }) => ({
  name: 'Clock',
  status: clockStepUs > 10 ? 'warn' : 'ok',
  finding: `steps of ${clockStepUs.toFixed(2)} µs`,
  ...(clockStepUs > 10 ? { hint: 'Latencies below 1 ms are not measured well by such a clock.' } : {}),
});

const timers: Judge = ({ timerLagP99Ms }) => {
  const late = timerLagP99Ms > 2;
  return {
    name: 'Timers',
    status: late ? 'warn' : 'ok',
    finding: `p99 ${timerLagP99Ms.toFixed(2)} ms late`,
    ...(late ? { hint: 'Something keeps this process waiting; open loads (--rate) will be late too.' } : {}),
  };
};

const proxy: Judge = ({ proxy: address }) =>
  address === undefined
    ? undefined
    : {
        name: 'Proxy',
        status: 'warn',
        finding: 'a proxy is set in the environment',
        hint: 'dyno connects directly and ignores it; the server it starts may not.',
      };

const judges: readonly Judge[] = [
  node,
  debugging,
  cores,
  load,
  governor,
  steal,
  memory,
  files,
  ports,
  clock,
  timers,
  proxy,
];

/** What the facts mean for a serious run. */
export function judgeMachine(facts: MachineFacts): Check[] {
  return judges.flatMap((judge) => judge(facts) ?? []);
}
