import { spawnSync } from 'node:child_process';
import { inFlight, seconds, tool, url } from './common.js';

// The official Inspector's own load test. It needs Node 22.19, which npx fetches with it: the network is needed once.
const packages = ['-p', 'node@24', '-p', '@modelcontextprotocol/inspector@2.12.0'];
const call = ['--method', 'tools/call', '--tool-name', tool.name, '--tool-arg', 'item_id=ITEM001'];
const load = ['--load', '--load-concurrency', String(inFlight), '--load-duration', String(seconds)];
const run = spawnSync(
  'npx',
  ['-y', ...packages, 'mcp-inspector', '--cli', url, '--transport', 'http', ...call, ...load],
  { encoding: 'utf8' },
);
if (run.status !== 0) throw new Error(`the Inspector ended with ${run.status}: ${run.stderr.slice(-500)}`);
const report = JSON.parse(run.stdout);
if (report.ok !== report.requests) throw new Error(`calls failed: ${run.stdout}`);
// It does not say what CPU it used.
process.stdout.write(
  `${JSON.stringify({ name: 'inspector', callsPerSecond: Math.round(report.throughput), p50Ms: report.latencyMs.p50 })}\n`,
);
