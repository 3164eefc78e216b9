/**
 * The load path beside its peers, in rounds: every round runs each client once, one after the other, against the same
 * near-free server (C), and what counts is the ratio within a round, since machines drift. `npm run bench:load`.
 *
 * Options: --rounds N (5), --seconds N (3); --inspector: the official Inspector's load test too (npx fetches it).
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildNearFreeServer, startNearFreeServer } from '../near-free-server/near-free-server.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    inspector: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const path = (name) => fileURLToPath(new URL(`clients/${name}.js`, import.meta.url));
const post = fileURLToPath(new URL('../near-free-server/post.lua', import.meta.url));
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)];

/** One client, in a process of its own; its JSON line. */
function run(client, url, inFlight) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path(client), url, String(inFlight), String(seconds)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err = (err + chunk).slice(-500)));
    child.once('close', (code) => {
      if (code === 0 && out !== '') resolve(JSON.parse(out));
      else reject(new Error(`${client} ended with ${code}: ${err}`));
    });
  });
}

/** Rounds of several clients against one server; rows by client. */
async function contest(title, clients, url, inFlight) {
  const rows = new Map(clients.map(([label]) => [label, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [label, client, itsUrl = url] of clients)
      rows.get(label).push(await run(client, itsUrl, inFlight));
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

/** p50 at one connection beside wrk's, which shows microseconds. */
async function oneConnection(url) {
  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    const wrk = spawnSync('wrk', ['-t1', '-c1', `-d${seconds}s`, '--latency', '-s', post, url], {
      encoding: 'utf8',
    });
    if (wrk.error) {
      console.log('\nwrk is not installed (apt-get install wrk): p50 at one connection was not compared');
      return;
    }
    const [, number, unit] = /50%\s+([\d.]+)(us|ms)/.exec(wrk.stdout);
    const ours = await run('dyno', url, 1);
    pairs.push({ wrk: Number(number) * (unit === 'ms' ? 1000 : 1), dyno: ours.p50Ms * 1000 });
  }
  console.log('\np50 at one connection');
  console.log(
    `  wrk ${median(pairs.map((pair) => pair.wrk)).toFixed(1)} µs, dyno ${median(pairs.map((pair) => pair.dyno)).toFixed(1)} µs, ` +
      `dyno − wrk within rounds ${median(pairs.map((pair) => pair.dyno - pair.wrk)).toFixed(1)} µs`,
  );
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
  await oneConnection(json.url);
} finally {
  await json.stop();
  await sse.stop();
}
