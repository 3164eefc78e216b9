import autocannon from 'autocannon';
import { body, headers, inFlight, report, seconds, url, warmupSeconds } from './common.js';

const run = (duration) =>
  autocannon({ url, method: 'POST', headers, body: body(100_000_001), connections: inFlight, duration });
await run(warmupSeconds);
const cpu = process.cpuUsage();
const result = await run(seconds);
report('autocannon 9', result['2xx'], result.duration * 1000, process.cpuUsage(cpu));
