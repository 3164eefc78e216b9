// Ignores the end of its input and SIGTERM. Starts a helper in its group, and a daemon that leaves group, session and
// parent (setsid, double fork) and ignores SIGTERM, too; tells both pids as JSON.
import { spawn } from 'node:child_process';

process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);
const helper = spawn('sleep', ['600'], { stdio: 'ignore' });
const escape = `setsid sh -c 'trap "" TERM; echo $$; exec sleep 601' & `;
const leaving = spawn('sh', ['-c', escape], { stdio: ['ignore', 'pipe', 'ignore'] });
leaving.stdout.once('data', (pid) => {
  leaving.stdout.destroy();
  process.stdout.write(`${JSON.stringify({ helper: helper.pid, daemon: Number(pid) })}\n`);
});
process.stderr.write('\u001b[31mstubborn\u001b[0m and staying\u0007\n');
setInterval(() => undefined, 1000);
