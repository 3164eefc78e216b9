import type { Clock } from '../../../core/clock.js';
import type { JsonObject } from '../../../core/json.js';
import { messageOf } from '../../../core/errors.js';
import { LineSplitter } from '../../framing/line-splitter.js';
import { plain } from '../../message/classify-response.js';
import type { StdioPipe, WireLimits } from '../../types.js';
import { WireError } from '../../wire-error.js';
import type { Exchange } from '../exchange.js';
import type { Link, LinkEvents } from '../link.js';
import { TextWriter } from './text-writer.js';

/** How long the end of a child's output is waited for when it exits, and the other way round, ms. */
const exitGraceMs = 200;

/** A child's standard streams: one JSON object a line. */
export class StdioLink implements Link {
  readonly kind = 'stdio';
  readonly sessionId = undefined;
  readonly dropCancels = false;
  events!: LinkEvents;
  readonly #pipe: StdioPipe;
  readonly #clock: Clock;
  readonly #lines: LineSplitter;
  readonly #writer: TextWriter;
  #closed = false;
  #started = false;

  constructor(pipe: StdioPipe, limits: WireLimits, clock: Clock) {
    this.#pipe = pipe;
    this.#clock = clock;
    this.#writer = new TextWriter(pipe.stdin);
    this.#lines = new LineSplitter({
      maxBytes: limits.maxLineBytes,
      onLine: (line) => {
        this.#line(line);
      },
    });
  }

  open(): Promise<void> {
    if (this.#started) return Promise.resolve();
    this.#started = true;
    const { stdin, stdout, exited } = this.#pipe;
    stdout.on('data', (chunk: Buffer) => {
      this.#read(chunk);
    });
    const outputEnded = new Promise<void>((resolve) => {
      stdout.once('end', resolve);
      stdout.once('close', resolve);
    });
    // EPIPE comes before the exit is known; the end of the output tells the same with a reason.
    stdin.on('error', () => undefined);
    stdout.on('error', () => undefined);
    void outputEnded.then(() => this.#ended(exited));
    void exited.then(() => this.#ended(exited, outputEnded));
    return Promise.resolve();
  }

  agree(): void {
    // Nothing on a pipe names a version.
  }

  async send(exchange: Exchange): Promise<void> {
    await this.post(exchange.message);
  }

  async post(message: JsonObject): Promise<void> {
    try {
      await this.#writer.write(`${JSON.stringify(message)}\n`);
    } catch (error) {
      throw new WireError(`the server cannot be written to: ${messageOf(error)}`, {
        outcome: 'transport',
        cause: error,
      });
    }
  }

  listen(): Promise<void> {
    // Everything arrives on the pipe anyway.
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed = true;
    const { stdin } = this.#pipe;
    if (!stdin.destroyed && !stdin.writableEnded) stdin.end();
    return Promise.resolve();
  }

  #read(chunk: Buffer): void {
    // After a close the child may still write; it must not block on a full pipe while it stops.
    if (this.#closed) return;
    try {
      this.#lines.push(chunk);
    } catch (error) {
      this.#gone(`the server's output cannot be read: ${messageOf(error)}`, 'parse');
      // An endless line would be read for ever; without a reader its writer blocks or ends.
      this.#pipe.stdout.removeAllListeners('data');
      this.#pipe.stdout.destroy();
      void this.close();
    }
  }

  #line(line: string): void {
    if (this.#closed) return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.events.noise(line.slice(0, 1000));
      return;
    }
    this.events.message(value);
  }

  async #ended(exited: StdioPipe['exited'], alsoNeeded?: Promise<void>): Promise<void> {
    const grace = new Promise<undefined>((resolve) => {
      const cancel = this.#clock.after(exitGraceMs, () => {
        resolve(undefined);
      });
      void Promise.all([exited, alsoNeeded]).then(() => {
        cancel();
        resolve(undefined);
      });
    });
    const exit = await Promise.race([exited, grace]);
    await grace;
    if (this.#closed) return;
    const rest = this.#lines.end();
    const half = rest === undefined ? '' : ` in the middle of a line ('${plain(rest, 80)}')`;
    const how =
      exit === undefined
        ? `closed its output${half}`
        : `ended with ${exit.signal === null ? `code ${String(exit.code)}` : `signal ${exit.signal}`}${half}`;
    this.#gone(`the server ${how}`, 'transport');
  }

  #gone(message: string, outcome: 'transport' | 'parse'): void {
    if (this.#closed) return;
    this.#closed = true;
    this.events.gone(new WireError(message, { outcome }));
  }
}
