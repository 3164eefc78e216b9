import { closeSync, openSync, writeSync } from 'node:fs';
import { isJsonObject, messageOf, systemClock, usageError, type Clock } from '../../core/index.js';
import { FramingError, LineSplitter } from '../../protocol/framing/index.js';
import type { ConnectionTap } from '../proxy/connection.js';
import { recordingFormat, type RecordedCall, type RecordingFoot, type RecordingHead } from './format.js';
import { HttpBodies } from './http-bodies.js';
import { withoutSecrets } from './without-secrets.js';

/** How many bytes are kept before they are written. */
const bufferedBytes = 64 * 1024;

/** What was recorded. */
export interface RecordingSummary {
  requests: number;
  /** Connections whose bytes were no HTTP, such as TLS: nothing of them could be recorded. */
  unreadable: number;
  /** Requests that were left out, as their params were nested too deep. */
  tooDeep: number;
}

/**
 * Writes the requests that pass a proxy into a file: methods and params, no headers, secrets replaced. What passes is not
 * touched.
 */
export class Recorder {
  readonly #file: number;
  readonly #name: string;
  readonly #transport: RecordingHead['transport'];
  readonly #clock: Clock;
  readonly #startMs: number;
  #pending = '';
  #requests = 0;
  #unreadable = 0;
  #tooDeep = 0;
  #fault: string | undefined;

  /** @throws DynoError (104) where the file cannot be written. */
  constructor(name: string, transport: RecordingHead['transport'], clock: Clock = systemClock) {
    this.#name = name;
    this.#transport = transport;
    this.#clock = clock;
    try {
      this.#file = openSync(name, 'w', 0o600);
    } catch (cause) {
      throw usageError(`Cannot write the recording '${name}': ${messageOf(cause)}`, undefined, cause);
    }
    this.#startMs = clock.now();
    const head: RecordingHead = {
      format: recordingFormat,
      startedAt: new Date(clock.wall()).toISOString(),
      transport,
    };
    this.#line(head);
  }

  /** Sees one connection. */
  tap(connection: number): ConnectionTap {
    const take = (text: string) => {
      this.#message(text, connection);
    };
    if (this.#transport === 'stdio') {
      const lines = new LineSplitter({ onLine: take });
      return { up: (chunk) => pushed(lines, chunk), down: () => undefined, end: () => undefined };
    }
    const bodies = new HttpBodies(take);
    return {
      up: (chunk) => {
        bodies.push(chunk);
      },
      down: () => undefined,
      end: () => {
        if (bodies.lost) this.#unreadable++;
      },
    };
  }

  /** Writes the end of the file. @throws DynoError where the file could not be written all the time. */
  close(): RecordingSummary {
    const foot: RecordingFoot = {
      end: true,
      requests: this.#requests,
      durationMs: round(this.#clock.now() - this.#startMs),
    };
    this.#line(foot);
    this.#flush();
    closeSync(this.#file);
    if (this.#fault !== undefined)
      throw usageError(`Cannot write the recording '${this.#name}': ${this.#fault}`);
    return { requests: this.#requests, unreadable: this.#unreadable, tooDeep: this.#tooDeep };
  }

  #message(text: string, connection: number): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return;
    }
    for (const message of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) {
      if (!isJsonObject(message)) continue;
      const { method, id, params } = message;
      // Notifications and answers to the server belong to a session that a replay does not have.
      if (typeof method !== 'string' || id === undefined) continue;
      const call: RecordedCall = { t: round(this.#clock.now() - this.#startMs), c: connection, method };
      if (isJsonObject(params)) {
        const clean = withoutSecrets(params);
        if (clean === undefined) {
          this.#tooDeep++;
          continue;
        }
        call.params = clean;
      }
      this.#requests++;
      this.#line(call);
    }
  }

  #line(value: object): void {
    this.#pending += `${JSON.stringify(value)}\n`;
    if (this.#pending.length >= bufferedBytes) this.#flush();
  }

  #flush(): void {
    try {
      if (this.#fault === undefined) writeSync(this.#file, this.#pending);
    } catch (error) {
      this.#fault = messageOf(error);
    }
    this.#pending = '';
  }
}

function pushed(lines: LineSplitter, chunk: Buffer): void {
  try {
    lines.push(chunk);
  } catch (error) {
    // A line beyond all limits is no request.
    if (!(error instanceof FramingError)) throw error;
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
