import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { printableLine, usageError } from '../../../core/index.js';
import { shown } from '../../shown.js';
import type { AlertNotification } from './alert.js';
import type { AlertSink } from './sink.js';

/** Writes each notification as a line of text or JSON; default to stderr. */
export function logSink(
  options: { format?: 'text' | 'json'; write?: (line: string) => void } = {},
): AlertSink {
  const { format = 'text', write = (line: string) => process.stderr.write(line) } = options;
  return {
    name: 'log',
    send(notification) {
      write(format === 'json' ? `${JSON.stringify(notification)}\n` : `${textOf(notification)}\n`);
      return Promise.resolve();
    },
  };
}

/**
 * Sends each notification as JSON to a URL by POST. Any status but 2xx, and any redirect, is a failure.
 *
 * @throws DynoError (104) for what is no http(s) URL.
 */
export function webhookSink(options: {
  url: string;
  headers?: Record<string, string>;
  name?: string;
}): AlertSink {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usageError(`Expected the URL of a webhook to be http(s), got ${shown(options.url)}`);
  }
  return {
    // Path and query often are the secret of a webhook.
    name: options.name ?? `webhook ${url.host}`,
    async send(notification, signal) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...options.headers },
        body: JSON.stringify(notification),
        redirect: 'error',
        signal,
      }).catch((error: unknown) => {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        throw new Error(cause instanceof Error ? cause.message || cause.name : String(cause), {
          cause: error,
        });
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answered with HTTP status ${response.status}`);
    },
  };
}

const maxStderr = 2000;

/**
 * Runs a program for each notification, without a shell: the notification is JSON on its stdin. When it is to stop, its
 * whole process group is killed.
 */
export function commandSink(options: {
  command: string;
  args?: readonly string[];
  env?: Record<string, string>;
  name?: string;
}): AlertSink {
  if (typeof options.command !== 'string' || options.command === '') {
    throw usageError('Expected the command of an alert sink to be the name of a program');
  }
  return {
    name: options.name ?? `command ${printableLine(options.command, 60)}`,
    async send(notification, signal) {
      if (signal.aborted) throw signal.reason;
      const child = spawn(options.command, options.args ?? [], {
        stdio: ['pipe', 'ignore', 'pipe'],
        env: { ...process.env, ...options.env },
        detached: true,
      });
      const kill = () => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It is gone already.
        }
      };
      signal.addEventListener('abort', kill, { once: true });
      process.once('exit', kill);
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr = (stderr + text).slice(-maxStderr);
      });
      // A program that does not read its input is free to; its exit code says how it went.
      child.stdin.on('error', () => undefined).end(JSON.stringify(notification));
      try {
        const [code, by] = (await once(child, 'close')) as [number | null, string | null];
        if (signal.aborted) throw signal.reason;
        if (code !== 0) {
          throw new Error(`it ended with ${by ?? `exit code ${code}`}${stderr === '' ? '' : `: ${stderr}`}`);
        }
      } finally {
        signal.removeEventListener('abort', kill);
        process.off('exit', kill);
      }
    },
  };
}

/** A notification in one line: no text of a server can break out of it. */
function textOf({ kind, alert, at }: AlertNotification): string {
  const time = new Date(at).toISOString();
  return printableLine(
    `${time} ${kind.toUpperCase()} [${alert.severity}] ${alert.summary} (${alert.id})`,
    500,
  );
}
