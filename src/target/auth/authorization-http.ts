import {
  isJsonObject,
  messageOf,
  printableLine,
  redact,
  unreachableError,
  type JsonObject,
} from '../../core/index.js';
import { HttpPool, type HttpAnswer } from '../../protocol/http/index.js';
import type { TlsOptions } from '../../protocol/index.js';

/** How long an authorization server may take to answer, ms. */
const timeoutMs = 10_000;
const maxBodyBytes = 1024 * 1024;

/** A whole answer. */
export interface TextAnswer {
  status: number;
  headers: ReadonlyMap<string, string>;
  text: string;
}

/** One exchange with an authorization server, over a connection of its own. */
export async function exchange(
  url: URL,
  request: { method: 'GET' | 'POST'; headers?: Record<string, string>; body?: string; headOnly?: boolean },
  tls: TlsOptions | undefined,
): Promise<TextAnswer> {
  const pool = new HttpPool({
    origin: url,
    maxConnections: 1,
    limits: { maxBodyBytes },
    connectTimeoutMs: timeoutMs,
    ...(tls === undefined ? {} : { tls }),
  });
  try {
    const answer: HttpAnswer = await pool.request({
      method: request.method,
      path: url.pathname + url.search,
      headers: { accept: 'application/json', ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = request.headOnly === true ? '' : await answer.text();
    return { status: answer.status, headers: answer.headers, text };
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    const why = late ? `no answer within ${timeoutMs / 1000} s` : messageOf(error);
    throw unreachableError(
      `The authorization server ${url.origin} cannot be reached: ${why}`,
      undefined,
      error,
    );
  } finally {
    await pool.close();
  }
}

/** The JSON object in an answer; undefined when it holds something else. */
export function jsonObjectIn(answer: TextAnswer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(answer.text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The beginning of an answer, for an error message. */
export function excerptOf(answer: TextAnswer): string {
  return printableLine(redact(answer.text), 200);
}

/** True where a secret may be sent: over TLS, or to this very machine (OAuth 2.1, section 1.5). */
export function isConfidential(url: URL): boolean {
  return url.protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}
