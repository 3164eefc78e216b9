/**
 * p50 at one connection beside wrk's, in rounds against one near-free server (C): `node bench/load/one-connection.js` after
 * `npm run build`; needs wrk and a C compiler. Beside both stands a bare `node:net` client that neither parses nor checks:
 * what of the difference is Node's own. Bar: dyno within 5 µs of wrk, the median of the rounds.
 *
 * A core with nothing to do halts, and a virtual one takes tens of microseconds to come back, longer the longer the way to
 * its next sleep: `--awake` keeps every core busy at idle priority meanwhile (chrt -i), so that what is compared is the work.
 *
 * Options: --rounds N (9), --seconds N (2), --awake.
 */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startNearFreeServer } from '../near-free-server/near-free-server.js';
import { median, post, run } from './run-client.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '2' },
    awake: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
if (spawnSync('wrk', ['-v']).error) {
  console.log('wrk is not installed (apt-get install wrk): p50 at one connection was not compared');
  process.exit(1);
}

/** µs */
function wrk(url) {
  const { stdout } = spawnSync('wrk', ['-t1', '-c1', `-d${seconds}s`, '--latency', '-s', post, url], {
    encoding: 'utf8',
  });
  const [, number, unit] = /50%\s+([\d.]+)(us|ms)/.exec(stdout);
  return Number(number) * (unit === 'ms' ? 1000 : 1);
}

const client = (name) => async (url) => (await run(name, url, 1, seconds)).p50Ms * 1000;
/** Each with its p50, µs. */
const clients = [
  ['wrk', wrk],
  ['dyno', client('dyno')],
  ['bare', client('bare-net')],
];

const spinners = values.awake
  ? Array.from({ length: availableParallelism() }, () =>
      spawn('chrt', ['-i', '0', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }),
    )
  : [];
const server = await startNearFreeServer();
const rounds = [];
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    const measured = {};
    // What a core has done before shows in what it does next: everyone takes every place.
    const order = [...clients.slice(round % clients.length), ...clients.slice(0, round % clients.length)];
    for (const [name, p50] of order) measured[name] = await p50(server.url);
    rounds.push(measured);
    const { dyno, bare } = measured;
    console.log(`wrk ${measured.wrk.toFixed(0)} µs, dyno ${dyno.toFixed(0)} µs, bare ${bare.toFixed(0)} µs`);
  }
} finally {
  await server.stop();
  for (const spinner of spinners) spinner.kill();
}
const over = median(rounds.map(({ dyno, wrk }) => dyno - wrk));
const floor = median(rounds.map(({ bare, wrk }) => bare - wrk));
const above = median(rounds.map(({ dyno, bare }) => dyno - bare));
console.log(
  `dyno − wrk ${over.toFixed(1)} µs (bar: 5), bare node:net − wrk ${floor.toFixed(1)} µs, dyno − bare ${above.toFixed(1)} µs; cores ${values.awake ? 'kept awake' : 'left to halt'}`,
);
process.exitCode = over <= 5 ? 0 : 1;
