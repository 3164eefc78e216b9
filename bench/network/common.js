import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const client = fileURLToPath(new URL('../load/clients/dyno.js', import.meta.url));
const proxyProcess = fileURLToPath(new URL('proxy-process.js', import.meta.url));

export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)];

/** The load engine in a process of its own; its JSON line. */
export function run(url, inFlight, seconds) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [client, url, String(inFlight), String(seconds)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`the client ended with ${code}`)),
    );
  });
}

/** A proxy in a process of its own before a port. */
export async function startProxyProcess(upstream, network) {
  const args = [proxyProcess, String(upstream), ...(network === undefined ? [] : [network])];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const told = () => new Promise((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
  return {
    port: await told(),
    cpuUs: () => {
      const answer = told();
      child.stdin.write('cpu\n');
      return answer;
    },
    stop: () => child.stdin.end(),
  };
}
