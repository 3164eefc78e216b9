import { connect } from 'node:net';
import { body, headers, seconds, url, warmupSeconds } from './common.js';

// What Node itself costs at one connection: fixed bytes written on a socket, an answer read, nothing parsed or checked.
const { hostname, port, pathname, host } = new URL(url);
const text = body(1);
const lines = Object.entries({ host, ...headers, 'content-length': text.length });
const request = `POST ${pathname} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`;
const began = performance.now();
const latencies = [];
let sent = 0;
const call = () => {
  sent = performance.now();
  socket.write(request, 'latin1');
};
const socket = connect({
  host: hostname,
  port: Number(port),
  noDelay: true,
  onread: {
    buffer: Buffer.allocUnsafeSlow(64 * 1024),
    callback: () => {
      const now = performance.now();
      if (now - began > warmupSeconds * 1000) latencies.push(now - sent);
      if (now - began < (warmupSeconds + seconds) * 1000) call();
      else socket.destroy();
      return true;
    },
  },
});
socket.once('connect', call);
socket.once('close', () => {
  latencies.sort((a, b) => a - b);
  const p50Ms = latencies[Math.floor(latencies.length / 2)];
  process.stdout.write(`${JSON.stringify({ name: 'bare-net', p50Ms })}\n`);
});
