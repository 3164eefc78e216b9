import type { JsonObject } from '../../core/json.js';
import { FramingError } from '../framing/framing-error.js';
import { LineSplitter } from '../framing/line-splitter.js';
import { Duplex } from './duplex.js';
import type { McpServer } from './mcp-server.js';
import { rpcCodes } from './rpc-error.js';
import type { ServeStdioOptions, StdioServing } from './server-types.js';

/** See `serveStdio`. @internal */
export function startStdio(server: McpServer, options: ServeStdioOptions = {}): StdioServing {
  const input = options.input ?? process.stdin;
  const output = options.output ?? process.stdout;
  let resolveClosed: () => void;
  const closed = new Promise<void>((resolve) => {
    resolveClosed = resolve;
  });

  // The answers to all lines of one chunk leave in one write: a write to a pipe costs more than a message does.
  let waiting = '';
  let scheduled = false;
  let ended = false;
  let blocked = false;
  const flush = () => {
    scheduled = false;
    if (waiting === '' || ended) return;
    const text = waiting;
    waiting = '';
    if (output.write(text) || blocked) return;
    blocked = true;
    input.pause();
    output.once('drain', () => {
      blocked = false;
      if (!ended) input.resume();
    });
  };
  const writeText = (text: string) => {
    waiting += `${text}\n`;
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };
  const write = (message: JsonObject) => {
    writeText(JSON.stringify(message));
  };

  const duplex = new Duplex(server, write, options.eras, writeText);
  const lines = new LineSplitter({
    onLine: (line) => {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        duplex.refuse(rpcCodes.parse, 'Parse error: the line is no JSON');
        return;
      }
      duplex.receive(value);
    },
    ...(options.maxLineBytes !== undefined && { maxBytes: options.maxLineBytes }),
  });
  const onData = (chunk: Buffer | string) => {
    const wasScheduled = scheduled;
    scheduled = true;
    try {
      lines.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      duplex.refuse(rpcCodes.parse, `Parse error: ${error.message}`);
      flush();
      end('a line was too long');
      return;
    }
    flush();
    scheduled = wasScheduled;
  };
  const end = (reason: string) => {
    if (ended) return;
    flush();
    ended = true;
    input.removeListener('data', onData);
    input.pause();
    duplex.end(reason);
    resolveClosed();
  };
  const onGone = () => {
    end('the client closed the pipe');
  };
  input.on('data', onData);
  input.once('end', onGone);
  input.once('close', onGone);
  // A client that is gone must not take the server down with EPIPE.
  output.on('error', onGone);
  return {
    closed,
    close: () => {
      end('the server is closing');
      return closed;
    },
  };
}
