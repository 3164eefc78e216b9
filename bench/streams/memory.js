/**
 * Memory of dyno for each event stream that it holds: `node bench/streams/memory.js [--streams 5000] [--era session|stateless]`.
 * The reference server runs in another process; this one starts the thread that holds the streams, opens a hundred, and takes
 * the growth of its own resident memory from there to all of them, so that what is needed once is not counted. The whole
 * growth, with the thread and everything else, is told beside it.
 */
import { parseArgs } from 'node:util';
import { StreamThread } from '../../dist/load/index.js';
import { startReference } from './start-reference.js';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '5000' },
    era: { type: 'string', default: 'session' },
    tick: { type: 'string', default: '2s' },
    hold: { type: 'string', default: '6' },
  },
});
const wanted = Number(values.streams);
const era = values.era;
const rss = () => process.memoryUsage.rss();
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

const server = await startReference(['--tick', values.tick, '--session-limit', String(2 * wanted)]);
const before = rss();
const thread = new StreamThread({
  target: {
    kind: 'http',
    url: server.url,
    headers: {},
    era,
    protocolVersion: era === 'session' ? '2025-11-25' : '2026-07-28',
  },
  resources: ['dyno://tick'],
  openTimeoutMs: 60_000,
});
try {
  const first = Math.min(100, wanted);
  await thread.raise(first);
  await wait(500);
  const settled = rss();
  const began = performance.now();
  const opened = await thread.raise(wanted);
  const openedMs = performance.now() - began;
  await wait(Number(values.hold) * 1000);
  const held = rss();
  const report = await thread.look();
  const streams = report.held - first;
  console.log(
    `${report.held} of ${wanted} ${era} streams held${opened.limit === undefined ? '' : ` (${opened.limit})`}, ` +
      `${report.events} events, ${report.dropped} dropped; opened in ${(openedMs / 1000).toFixed(1)} s`,
  );
  console.log(`memory for each stream: ${kB((held - settled) / streams)} (bar: 12 kB)`);
  console.log(
    `with everything that is needed once (thread, code, first ${first}): ${kB((held - before) / report.held)}`,
  );
  console.log(
    JSON.stringify({ era, held: report.held, bytesPerStream: Math.round((held - settled) / streams) }),
  );
} finally {
  await thread.close();
  await server.stop();
}
