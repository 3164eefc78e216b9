import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { printableLine } from '../core/index.js';
import type { Channel } from './channel.js';

/** How a command is run. */
export interface ShellCommandOptions {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Then it is ended with all that it started, ms; default 10,000. */
  timeoutMs?: number;
}

const mostStderr = 4000;

/**
 * Runs a command by the shell: the alert stands on its standard input as JSON, and in short in the variables
 * `DYNO_ALERT_TEXT`, `DYNO_ALERT_TARGET`, `DYNO_ALERT_RUN` and `DYNO_ALERT_EXIT_CODE`.
 */
export function shellCommand(
  command: string,
  { cwd, env, timeoutMs = 10_000 }: ShellCommandOptions,
): Channel {
  return {
    id: `command-${createHash('sha256').update(command).digest('hex').slice(0, 16)}`,
    name: 'the command of --alert-command',
    send: (alert) =>
      new Promise((resolve, reject) => {
        const child = spawn(command, {
          shell: true,
          cwd,
          // A group of its own, so that all of it can be ended.
          detached: process.platform !== 'win32',
          stdio: ['pipe', 'ignore', 'pipe'],
          env: {
            ...env,
            DYNO_ALERT_TEXT: alert.text,
            DYNO_ALERT_TARGET: alert.target,
            DYNO_ALERT_RUN: alert.run?.id ?? '',
            DYNO_ALERT_EXIT_CODE: String(alert.verdict?.exitCode ?? 111),
          },
        });
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (part: string) => {
          stderr = (stderr + part).slice(-mostStderr);
        });
        const timer = setTimeout(() => {
          end(child.pid);
          finish(`it took longer than ${timeoutMs} ms`);
        }, timeoutMs);
        const finish = (problem?: string) => {
          clearTimeout(timer);
          // Something it started may hold the pipe open.
          child.stderr.destroy();
          if (problem === undefined) resolve();
          else reject(new Error(problem));
        };
        child.on('error', (error) => {
          finish(error.message);
        });
        child.on('exit', (code, signal) => {
          if (code === 0) finish();
          else finish(`it ended with ${code ?? signal}${said(stderr)}`);
        });
        // It need not read what it is told.
        child.stdin.on('error', () => undefined).end(`${JSON.stringify(alert)}\n`);
      }),
  };
}

function said(stderr: string): string {
  const line = printableLine(stderr.trim().split('\n').at(-1) ?? '', 200);
  return line === '' ? '' : `: ${line}`;
}

function end(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
