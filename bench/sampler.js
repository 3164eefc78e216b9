/**
 * What reading a target's processes costs: a tree of 20 Node processes, each a little busy, read as in a run (every
 * 250 ms; PSS and file descriptors every 5 s) for 60 s after 5 s of warm-up. Prints one line of JSON with the reader's own CPU in % of one
 * core. The bar is 1 %.
 *
 *     npm run build && node bench/sampler.js [processes] [seconds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ProcessTreeSampler } from '../dist/measure/index.js';

const processes = Number(process.argv[2] ?? 20);
const seconds = Number(process.argv[3] ?? 60);

const child = `
  const { spawn } = require('node:child_process');
  const left = Number(process.argv[1]) - 1;
  if (left > 0) spawn(process.execPath, ['-e', process.env.BENCH_CHILD, String(left)], { stdio: ['pipe', 'inherit', 'inherit'] });
  else console.log('ready');
  const memory = Buffer.alloc(8e6, 1);
  setInterval(() => memory.fill(2, 0, 1e5), 50);
  process.stdin.resume().on('end', () => process.exit());
`;
const root = spawn(process.execPath, ['-e', child, String(processes)], {
  env: { ...process.env, BENCH_CHILD: child },
  stdio: ['pipe', 'pipe', 'inherit'],
});
await once(root.stdout, 'data');

const sampler = new ProcessTreeSampler(root.pid, {});
let samples = 0;
sampler.start(() => samples++);
// What is told is the cost of a run, not of its first seconds, in which Node compiles this code.
await new Promise((resolve) => setTimeout(resolve, 5000));
samples = 0;
const before = process.cpuUsage();
const start = performance.now();
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const { user, system } = process.cpuUsage(before);
const elapsed = performance.now() - start;
const last = sampler.last;
const detailAgeMs = sampler.detailAgeMs;
sampler.stop();
root.stdin.end();
await once(root, 'exit');

const cpuPercent = (user + system) / 10 / elapsed;
console.log(
  JSON.stringify({
    figure: 'sampler-cpu',
    cpuPercent: Number(cpuPercent.toFixed(3)),
    bar: 1,
    met: cpuPercent < 1,
    samples,
    oldestPssSeconds: Number((detailAgeMs / 1000).toFixed(1)),
    seen: {
      processes: last.processes,
      threads: last.threads,
      fds: last.fds,
      pssMB: Math.round(last.pssBytes / 1e6),
    },
    seconds: Math.round(elapsed / 1000),
  }),
);
process.exitCode = cpuPercent < 1 ? 0 : 1;
