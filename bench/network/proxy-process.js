/** The proxy in a process of its own, with nothing switched on: `node proxy-process.js UPSTREAM_PORT`; prints its port. */
import { clearConditions, startProxy } from '../../dist/network/index.js';

const proxy = await startProxy({
  listen: { host: '127.0.0.1', port: 0 },
  upstream: { host: '127.0.0.1', port: Number(process.argv[2]) },
  conditions: clearConditions(),
});
process.stdout.write(`${proxy.address.port}\n`);
// Each line asks how much CPU it has used so far, in µs.
process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${user + system}\n`);
});
process.stdin.once('end', () => process.exit(0));
