import type { Readable, Writable } from 'node:stream';
import { DynoError, messageOf, unreachableError } from '../../core/errors.js';
import { exitCodes } from '../../core/exit-code.js';
import { isJsonObject } from '../../core/json.js';
import { LineSplitter } from '../../protocol/framing/index.js';
import type { StopReport } from '../../target/index.js';
import type { AskedFrom } from '../asking/asking.js';
import type { LoadTarget } from '../load-target.js';
import { outcomeIndex, type ServerMessage } from './answer-checker.js';
import { firstId, lastId } from './call-template.js';
import { sessionMessages } from './http-session.js';
import type { SourceOptions } from './http-source.js';
import { Lane, type LaneSource, type OutcomeIndex } from './lane.js';
import { resultOf } from './side-channel.js';

/** A started server as a pipe of lines, and how to end it. */
export interface ServerPipe {
  pid: number | undefined;
  stdin: Writable;
  stdout: Readable;
  /** Never rejects. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The last of what it wrote to stderr. */
  stderrTail(): string;
  stop(): Promise<StopReport>;
}

/** Lanes over one pipe: every lane is one request in flight. */
export class StdioSource implements LaneSource {
  readonly #target: Extract<LoadTarget, { kind: 'stdio' }>;
  #options: SourceOptions;
  readonly #spawn: () => Promise<ServerPipe>;
  readonly #lanes: StdioLane[] = [];
  readonly #inFlight = new Map<number, StdioLane>();
  #pipe: ServerPipe | undefined;
  #nextId = firstId;
  /** Calls of earlier loads have lower ids; their answers may still come, and mean nothing. */
  #firstOfLoad = firstId;
  #out = '';
  #reading = false;
  #flushing = false;
  #blocked = false;
  #ended: string | undefined;
  #handshake: ((text: string) => void) | undefined;
  #unclaimed = 0;
  readonly #asked: AskedFrom = {
    scope: this,
    deliver: (answer) => {
      this.#write(answer);
      return this.#ended === undefined;
    },
  };

  constructor(
    target: Extract<LoadTarget, { kind: 'stdio' }>,
    options: SourceOptions,
    spawn: () => Promise<ServerPipe>,
  ) {
    this.#target = target;
    this.#options = options;
    this.#spawn = spawn;
  }

  get pid(): number | undefined {
    return this.#pipe?.pid;
  }

  async prepare(): Promise<void> {
    if (this.#pipe !== undefined) return;
    const began = performance.now();
    const pipe = await this.#spawn();
    this.#pipe = pipe;
    const lines = new LineSplitter({
      onLine: (line) => {
        this.#line(line);
      },
    });
    pipe.stdin.on('error', () => undefined);
    pipe.stdin.on('drain', () => {
      this.#blocked = false;
      this.#flush();
    });
    pipe.stdout.on('data', (chunk: Buffer) => {
      this.#reading = true;
      try {
        lines.push(chunk);
      } catch (error) {
        this.#end(`the server's output cannot be read: ${messageOf(error)}`);
      }
      this.#reading = false;
      this.#flush();
    });
    void pipe.exited.then(({ code, signal }) => {
      this.#end(
        signal === null ? `the server ended with exit code ${code}` : `the server was ended by ${signal}`,
      );
    });
    await this.#shakeHands();
    this.#options.events.initialized(performance.now() - began);
  }

  lane(index: number): StdioLane {
    return (this.#lanes[index] ??= new StdioLane(index, this));
  }

  use(options: SourceOptions): void {
    if (this.#ended !== undefined) {
      throw new DynoError(`${capital(this.#ended)} between two loads`, {
        code: 'target-died',
        hint: lastWordsOf(this.#pipe),
        exitCode: exitCodes.unreachable,
      });
    }
    this.#options = options;
    for (const id of this.#inFlight.keys()) this.#write(sessionMessages.cancelled(id));
    this.#inFlight.clear();
    this.#unclaimed = 0;
    this.#firstOfLoad = this.#nextId;
  }

  async close(): Promise<StopReport | undefined> {
    this.#ended ??= 'the load has ended';
    return await this.#pipe?.stop();
  }

  /** @internal */
  call(lane: StdioLane): void {
    if (this.#ended !== undefined) {
      const why = this.#ended;
      // Never settled within send(): a load that goes on at once would call itself.
      setImmediate(() => {
        this.#settle(lane, outcomeIndex.connect, why);
      });
      return;
    }
    const id = this.#nextId;
    this.#nextId = id === lastId ? firstId : id + 1;
    lane.id = id;
    this.#inFlight.set(id, lane);
    this.#write(lane.template.prefix + id + lane.template.suffix);
  }

  /** @internal */
  expire(lane: StdioLane): void {
    this.#inFlight.delete(lane.id);
    this.#write(sessionMessages.cancelled(lane.id));
    if (this.#unclaimed > 0) {
      this.#unclaimed--;
      this.#settle(
        lane,
        outcomeIndex.mismatch,
        'no answer carried the id of the request; one with another id came',
      );
      return;
    }
    const waited = Math.round(lane.deadlineMs - lane.sentMs);
    this.#settle(lane, outcomeIndex.timeout, `no answer after ${waited} ms`);
  }

  #settle(lane: StdioLane, outcome: OutcomeIndex, message: string, response = ''): void {
    lane.endMs = performance.now();
    lane.message = message;
    lane.response = response;
    if (lane.busy) this.#options.owner.settled(lane, outcome);
  }

  #shakeHands(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (what: string) => {
        clearTimeout(timer);
        const hint = lastWordsOf(this.#pipe);
        reject(unreachableError(`Cannot prepare the load on '${this.#target.command}': ${what}`, hint));
      };
      const { startTimeoutMs: timeoutMs } = this.#options;
      const timer = setTimeout(() => {
        fail(`no answer to the handshake after ${timeoutMs} ms`);
      }, timeoutMs);
      this.#onEnd = fail;
      const stateless = this.#target.era === 'stateless';
      this.#handshake = (text) => {
        const answer = resultOf(text);
        if ('fault' in answer) {
          fail(`the handshake was answered with ${answer.fault}`);
          return;
        }
        clearTimeout(timer);
        this.#onEnd = undefined;
        if (!stateless) this.#write(sessionMessages.initialized());
        resolve();
      };
      this.#write(
        stateless ? sessionMessages.discover(this.#target) : sessionMessages.initialize(this.#target),
      );
    });
  }

  #onEnd: ((why: string) => void) | undefined;

  #end(why: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    this.#onEnd?.(why);
    const open = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const lane of open) this.#settle(lane, outcomeIndex.transport, why);
    if (this.#handshake === undefined) this.#options.events.died(why, () => this.#pipe?.stderrTail() ?? '');
  }

  /** Lines written while a chunk is being read go out together: one system call for many requests. */
  #write(line: string): void {
    this.#out += `${line}\n`;
    if (this.#reading || this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#out === '' || this.#blocked || this.#ended !== undefined) return;
    const text = this.#out;
    this.#out = '';
    this.#blocked = !this.#pipe!.stdin.write(text);
  }

  #line(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      // Logs on stdout are a fault of the server, but no answer: they are counted, not charged to a call.
      this.#options.events.stray();
      return;
    }
    // Batches (2025-03-26 only) may be answered as an array.
    if (Array.isArray(message)) for (const each of message) this.#message(each, text);
    else this.#message(message, text);
  }

  #message(message: unknown, text: string): void {
    if (!isJsonObject(message)) {
      this.#options.events.stray();
      return;
    }
    const { id } = message;
    const lane =
      typeof id === 'number' && message['method'] === undefined ? this.#inFlight.get(id) : undefined;
    if (lane !== undefined) {
      this.#inFlight.delete(lane.id);
      const now = performance.now();
      lane.firstByteMs = now;
      lane.endMs = now;
      const { checker, owner } = this.#options;
      const outcome = checker.checkParsed(message, lane.id, lane.template.operation) ?? outcomeIndex.parse;
      if (outcome !== outcomeIndex.ok) {
        lane.message = checker.message;
        lane.response = text;
      }
      if (lane.busy) owner.settled(lane, outcome);
    } else if (typeof message['method'] === 'string') {
      this.#options.asking.message(message as unknown as ServerMessage, this.#asked);
    } else if (this.#handshake !== undefined && id === 1) {
      const then = this.#handshake;
      this.#handshake = undefined;
      then(JSON.stringify(message));
    } else if (typeof id === 'number' && id >= firstId && id < this.#nextId) {
      // A second answer to a call that has its answer, or one that came after the call was given up.
      if (id >= this.#firstOfLoad) this.#options.events.stray();
    } else {
      this.#stray(text);
    }
  }

  /** An answer to no request: with one call under way it can only be meant for that one. */
  #stray(text: string): void {
    this.#options.events.stray();
    const [only] = this.#inFlight.values();
    if (this.#inFlight.size !== 1 || only === undefined) {
      this.#unclaimed++;
      return;
    }
    this.#inFlight.clear();
    this.#settle(only, outcomeIndex.mismatch, 'the answer carries another id than the request', text);
  }
}

function lastWordsOf(pipe: ServerPipe | undefined): string | undefined {
  const said = pipe?.stderrTail().trim() ?? '';
  return said === '' ? undefined : `Its last words on stderr: ${said.slice(-600)}`;
}

function capital(sentence: string): string {
  return sentence[0]!.toUpperCase() + sentence.slice(1);
}

/** One request in flight on a pipe. */
class StdioLane extends Lane {
  id = 0;
  readonly #source: StdioSource;

  constructor(index: number, source: StdioSource) {
    super(index);
    this.#source = source;
  }

  override get requestId(): number {
    return this.id;
  }

  override send(): void {
    this.#source.call(this);
  }

  override expire(): void {
    this.#source.expire(this);
  }

  override destroy(): void {
    // The pipe is the source's.
  }
}
