import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`clients/${name}.js`, import.meta.url));
/** wrk's side of the call that all clients make. */
export const post = fileURLToPath(new URL('../near-free-server/post.lua', import.meta.url));
export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)];

/** One client of `clients/`, in a process of its own; its JSON line. */
export function run(client, url, inFlight, seconds) {
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
