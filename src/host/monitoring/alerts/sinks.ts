import { lastLines, messageOf, printableLine, usageError } from '../../../core/index.js';
import { spawnChild, type StopPatience } from '../../../target/index.js';
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

/** A program that is to stop is not asked for long. */
const patience: Partial<StopPatience> = { closeMs: 0, termMs: 200 };

/**
 * Runs a program for each notification, without a shell: the notification is JSON on its stdin. When it has ended or is
 * to stop, what it started is stopped too.
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
      signal.throwIfAborted();
      const child = await spawnChild({
        command: options.command,
        args: [...(options.args ?? [])],
        env: options.env ?? {},
      }).catch((error: unknown) => {
        const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
        throw new Error(`it cannot be started: ${messageOf(cause)}`, { cause: error });
      });
      const stop = () => void child.stop(patience);
      signal.addEventListener('abort', stop, { once: true });
      // It may have come while the program was being started.
      if (signal.aborted) stop();
      // A program that does not read its input is free to; its exit code says how it went.
      child.stdin.end(JSON.stringify(notification));
      child.stdout.resume();
      try {
        const { code, signal: by } = await child.exited;
        signal.throwIfAborted();
        if (code !== 0) {
          const said = lastLines(child.stderrTail(), 1)[0];
          throw new Error(
            `it ended with ${by ?? `exit code ${code}`}${said === undefined ? '' : `: ${said}`}`,
          );
        }
      } finally {
        signal.removeEventListener('abort', stop);
        // Whatever it started goes with it.
        await child.stop(patience);
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
