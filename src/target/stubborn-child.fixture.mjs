// Ignores the end of its input and SIGTERM, and starts a child in a session of its own; prints that one's pid.
import { spawn } from 'node:child_process';

process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);
const escaped = spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
escaped.unref();
process.stdout.write(`${escaped.pid}\n`);
process.stderr.write('\u001b[31mstubborn\u001b[0m and staying\u0007\n');
setInterval(() => undefined, 1000);
