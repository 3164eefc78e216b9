/**
 * What the proxy costs with nothing switched on: the same load on the near-free server (C), direct and through the proxy,
 * within each round. `node bench/network/overhead.js` after `npm run build`; needs a C compiler.
 *
 * Options: --rounds N (5), --seconds N (3). Bars: under 60 µs more at p50 with one connection, at least 40,000 calls/s.
 */
import { parseArgs } from 'node:util';
import { startNearFreeServer } from '../near-free-server/near-free-server.js';
import { median, run, startProxyProcess } from './common.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } },
});
const seconds = Number(values.seconds);
const server = await startNearFreeServer();
const proxy = await startProxyProcess(server.port);
const through = server.url.replace(`:${server.port}`, `:${proxy.port}`);
try {
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const one = { direct: await run(server.url, 1, seconds), through: await run(through, 1, seconds) };
    const direct = await run(server.url, 32, seconds);
    const before = await proxy.cpuUs();
    const many = await run(through, 32, seconds);
    const cpu = (await proxy.cpuUs()) - before;
    rounds.push({
      directUs: one.direct.p50Ms * 1000,
      throughUs: one.through.p50Ms * 1000,
      addedUs: (one.through.p50Ms - one.direct.p50Ms) * 1000,
      direct: direct.callsPerSecond,
      through: many.callsPerSecond,
      // The warm-up second counts in the CPU, so in the calls too.
      cpuUs: cpu / (many.callsPerSecond * (seconds + 1)),
    });
  }
  const of = (key) => median(rounds.map((round) => round[key]));
  const us = (key) => `${of(key).toFixed(0)} µs`;
  const rate = (key) => Math.round(of(key)).toLocaleString('en');
  console.log(
    `p50, one connection: direct ${us('directUs')}, through ${us('throughUs')}, added ${us('addedUs')} (bar: 60)`,
  );
  console.log(`calls/s, 32 in flight: direct ${rate('direct')}, through ${rate('through')} (bar: 40,000)`);
  console.log(`CPU of the proxy per call, 32 in flight: ${of('cpuUs').toFixed(1)} µs`);
  if (of('addedUs') >= 60 || of('through') < 40_000) process.exitCode = 1;
} finally {
  proxy.stop();
  await server.stop();
}
