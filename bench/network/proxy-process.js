/**
 * The proxy in a process of its own: `node proxy-process.js UPSTREAM_PORT [NETWORK]`, such as `latency=50ms`; nothing is
 * switched on without. Prints its port; each line on stdin asks how much CPU it has used so far, in µs.
 */
import { clearConditions, readNetwork, startProxy } from '../../dist/network/index.js';

const [upstream, network] = process.argv.slice(2);
const proxy = await startProxy({
  listen: { host: '127.0.0.1', port: 0 },
  upstream: { host: '127.0.0.1', port: Number(upstream) },
  conditions: network === undefined ? clearConditions() : readNetwork(network),
});
process.stdout.write(`${proxy.address.port}\n`);
process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${user + system}\n`);
});
process.stdin.once('end', () => process.exit(0));
