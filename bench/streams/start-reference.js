import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const dyno = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));

/** Starts the reference server in a process of its own; it ends with this one. */
export async function startReference(args) {
  const child = spawn(process.execPath, [dyno, 'serve', '--exit-with-stdin', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const line = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more) => {
      text += more;
      if (text.includes('\n')) resolve(text);
    });
    void exited.then((code) => reject(new Error(`the reference server ended with code ${code}`)));
  });
  const { url } = JSON.parse(line);
  return {
    url,
    pid: child.pid,
    stats: async () => (await fetch(new URL('/dyno/stats', url))).json(),
    stop: async () => {
      child.stdin.end();
      child.kill('SIGTERM');
      await exited;
    },
  };
}
