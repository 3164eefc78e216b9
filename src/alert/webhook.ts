import { createHash } from 'node:crypto';
import { messageOf } from '../core/index.js';
import type { Alert } from './alert.js';
import type { Channel } from './channel.js';

/** How a webhook is spoken to. */
export interface WebhookOptions {
  /** For one attempt, ms; default 5,000. */
  timeoutMs?: number;
  /** Before the second and last attempt, ms; default 1,000. */
  pauseMs?: number;
}

/**
 * Posts the alert as JSON; it has a `text`, so that Mattermost, Rocket.Chat and the like show it. Slack's own addresses
 * get that text alone. What does not answer in time is tried once more.
 */
export function webhook(url: string, { timeoutMs = 5000, pauseMs = 1000 }: WebhookOptions = {}): Channel {
  const { host, hostname } = new URL(url);
  const body = (alert: Alert) =>
    JSON.stringify(hostname === 'hooks.slack.com' ? { text: slackText(alert.text) } : alert);
  const attempt = async (alert: Alert) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'mcp-dyno' },
      body: body(alert),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  };
  return {
    id: `webhook-${createHash('sha256').update(url).digest('hex').slice(0, 16)}`,
    // The path of a webhook is its password.
    name: `the webhook at ${host}`,
    async send(alert) {
      try {
        await attempt(alert);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        await attempt(alert).catch((error: unknown) => {
          throw new Error(reasonOf(error, timeoutMs), { cause: error });
        });
      }
    },
  };
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `it did not answer within ${timeoutMs} ms`;
  return messageOf(error instanceof TypeError && error.cause !== undefined ? error.cause : error);
}

/** Slack reads `<…>` as links and mentions (docs.slack.dev, "Formatting message text"). */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
