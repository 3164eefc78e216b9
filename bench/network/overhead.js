/**
 * What the proxy costs with nothing switched on: the same load on the near-free server (C), direct and through the proxy,
 * within each round. `node bench/network/overhead.js` after `npm run build`; needs a C compiler.
 *
 * Options: --rounds N (5), --seconds N (3). Bars: under 60 µs more at p50 with one connection, at least 40,000 calls/s.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startNearFreeServer } from '../near-free-server/near-free-server.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } },
});
const client = fileURLToPath(new URL('../load/clients/dyno.js', import.meta.url));
const proxyProcess = fileURLToPath(new URL('proxy-process.js', import.meta.url));
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)];

function run(url, inFlight) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [client, url, String(inFlight), values.seconds], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`client ended with ${code}`)),
    );
  });
}

const server = await startNearFreeServer();
const proxy = spawn(process.execPath, [proxyProcess, String(server.port)], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const told = () => new Promise((resolve) => proxy.stdout.once('data', (text) => resolve(Number(text))));
const port = await told();
const proxyCpu = () => {
  const answer = told();
  proxy.stdin.write('cpu\n');
  return answer;
};
const through = server.url.replace(`:${server.port}`, `:${port}`);
try {
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const one = { direct: await run(server.url, 1), through: await run(through, 1) };
    const direct = await run(server.url, 32);
    const before = await proxyCpu();
    const many = { direct, through: await run(through, 32) };
    const cpu = (await proxyCpu()) - before;
    rounds.push({
      directUs: one.direct.p50Ms * 1000,
      throughUs: one.through.p50Ms * 1000,
      addedUs: (one.through.p50Ms - one.direct.p50Ms) * 1000,
      direct: many.direct.callsPerSecond,
      through: many.through.callsPerSecond,
      // The warm-up second counts in the CPU, so in the calls too.
      cpuUs: cpu / (many.through.callsPerSecond * (Number(values.seconds) + 1)),
    });
  }
  const of = (key) => median(rounds.map((round) => round[key]));
  const rate = (key) => Math.round(of(key)).toLocaleString('en');
  console.log(
    `p50, one connection: direct ${of('directUs').toFixed(0)} µs, through ${of('throughUs').toFixed(0)} µs, added ${of('addedUs').toFixed(0)} µs (bar: 60)`,
  );
  console.log(`calls/s, 32 in flight: direct ${rate('direct')}, through ${rate('through')} (bar: 40,000)`);
  console.log(`CPU of the proxy per call, 32 in flight: ${of('cpuUs').toFixed(1)} µs`);
  if (of('addedUs') >= 60 || of('through') < 40_000) process.exitCode = 1;
} finally {
  proxy.stdin.end();
  await server.stop();
}
