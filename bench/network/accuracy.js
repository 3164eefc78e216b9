/**
 * How exact the simulated network is: a round trip of 50 ms as the load measures it (bar: ± 1 ms over the direct run), and a
 * bandwidth of 10 and 100 Mbit/s as bytes arrive (bar: 3 %). `node bench/network/accuracy.js` after `npm run build`.
 */
import { connect, createServer } from 'node:net';
import { startNearFreeServer } from '../near-free-server/near-free-server.js';
import { median, run, startProxyProcess } from './common.js';

let failed = false;
const say = (what, measured, wanted, tolerance, unit) => {
  const good = Math.abs(measured - wanted) <= tolerance;
  failed ||= !good;
  console.log(
    `${good ? 'ok  ' : 'FAIL'} ${what}: ${measured.toFixed(2)} ${unit} (${wanted} ± ${tolerance.toFixed(2)})`,
  );
};

const server = await startNearFreeServer();
const slow = await startProxyProcess(server.port, 'latency=50ms');
const through = server.url.replace(`:${server.port}`, `:${slow.port}`);
for (const inFlight of [1, 16]) {
  const shifts = [];
  for (let round = 0; round < 3; round++) {
    const direct = await run(server.url, 1, 1);
    shifts.push((await run(through, inFlight, 3)).p50Ms - direct.p50Ms);
  }
  say(`round trip of 50 ms, ${inFlight} in flight, shift of p50`, median(shifts), 50, 1, 'ms');
}
slow.stop();
await server.stop();

/** Sends without end to whoever connects. */
const block = Buffer.alloc(64 * 1024, 'x');
const source = createServer((socket) => {
  socket.on('error', () => undefined);
  const more = () => {
    while (socket.write(block));
  };
  socket.on('drain', more);
  more();
});
await new Promise((resolve) => source.listen(0, '127.0.0.1', resolve));
for (const megabits of [1, 10, 100]) {
  const proxy = await startProxyProcess(source.address().port, `bandwidth=${megabits}mbit`);
  const rates = [];
  for (let round = 0; round < 3; round++) {
    const socket = connect(proxy.port, '127.0.0.1');
    let bytes = 0;
    socket.on('data', (chunk) => (bytes += chunk.length));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const [from, began] = [bytes, performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 2000));
    rates.push(((bytes - from) * 8) / 1000 / (performance.now() - began));
    socket.destroy();
  }
  proxy.stop();
  say(`bandwidth of ${megabits} Mbit/s`, median(rates), megabits, megabits * 0.03, 'Mbit/s');
}
source.close();
process.exit(failed ? 1 : 0);
