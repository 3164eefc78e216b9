/**
 * The load path beside its peers, in rounds: every round runs each client once, one after the other, against the same
 * near-free server (C), and what counts is the ratio within a round, since machines drift. `npm run bench:load`.
 *
 * p50 at one connection beside wrk's: `node bench/load/one-connection.js`.
 *
 * Options: --rounds N (5), --seconds N (3); --inspector: the official Inspector's load test too (npx fetches it).
 */
import { parseArgs } from 'node:util';
import { buildNearFreeServer, startNearFreeServer } from '../near-free-server/near-free-server.js';
import { median, run } from './run-client.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    inspector: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
/** Rounds of several clients against one server; rows by client. */
async function contest(title, clients, url, inFlight) {
  const rows = new Map(clients.map(([label]) => [label, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [label, client, itsUrl = url] of clients)
      rows.get(label).push(await run(client, itsUrl, inFlight, seconds));
  }
  console.log(`\n${title}`);
  const ours = rows.get('dyno');
  for (const [label, results] of rows) {
    const ratio = (of) => median(results.map((result, round) => of(ours[round]) / of(result)));
    const rate = ratio((result) => result.callsPerSecond);
    const cpu = ratio((result) => result.cpuPerCallUs);
    console.log(
      `  ${label.padEnd(24)}${String(median(results.map((r) => r.callsPerSecond))).padStart(9)} calls/s ` +
        `${(median(results.map((r) => r.cpuPerCallUs)) ?? NaN).toFixed(2).padStart(8)} µs CPU/call   ` +
        `dyno: ${rate.toFixed(2)} × its rate${Number.isFinite(cpu) ? `, ${cpu.toFixed(3)} × its CPU` : ''}`,
    );
  }
}

const json = await startNearFreeServer();
const sse = await startNearFreeServer(['--sse']);
try {
  await contest(
    'HTTP, 32 in flight, JSON answers',
    [
      ['dyno', 'dyno'],
      ['autocannon 9', 'autocannon'],
      ['undici 7 dispatch', 'undici-dispatch'],
      ['official SDK v1 client', 'sdk-v1'],
      ['official SDK v2 client', 'sdk-v2'],
      ...(values.inspector ? [['official Inspector', 'inspector']] : []),
    ],
    json.url,
    32,
  );
  await contest(
    'SSE answers beside JSON answers',
    [
      ['dyno', 'dyno', sse.url],
      ['dyno, JSON', 'dyno', json.url],
    ],
    json.url,
    32,
  );
  const command = `stdio:${JSON.stringify([buildNearFreeServer(), '--stdio'])}`;
  await contest(
    'stdio, 32 in flight',
    [
      ['dyno', 'dyno'],
      ['official SDK v2 client', 'sdk-v2'],
    ],
    command,
    32,
  );
} finally {
  await json.stop();
  await sse.stop();
}
