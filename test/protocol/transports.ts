import { PassThrough } from 'node:stream';
import {
  connect,
  serveHttp,
  serveStdio,
  type ConnectOptions,
  type McpConnection,
  type McpServer,
  type ServeHttpOptions,
  type StdioPipe,
} from '../../src/protocol/index.js';

/** The ways our client reaches our server. */
export type TransportName =
  'in-process' | 'stdio' | 'http json' | 'http sse' | 'http stateless' | 'legacy sse';

/** A connection to a served server, and how to end both. */
export interface Reached {
  connection: McpConnection;
  close(): Promise<void>;
}

const httpOptions: Partial<Record<TransportName, ServeHttpOptions>> = {
  'http json': { answers: 'auto' },
  'http sse': { answers: 'sse', eventStore: 100 },
  'http stateless': { session: 'stateless' },
  'legacy sse': { ssePath: '/sse' },
};

/** A pipe to a server in this process, as a child's streams would be. */
export function pipeTo(server: McpServer): { pipe: StdioPipe; closed: Promise<void> } {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const serving = serveStdio(server, { input: stdin, output: stdout });
  const exited = serving.closed.then(() => {
    stdout.end();
    return { code: 0, signal: null };
  });
  return { pipe: { stdin, stdout, exited }, closed: serving.closed };
}

/** Serves and connects. */
export async function reach(
  name: TransportName,
  server: McpServer,
  options: ConnectOptions = {},
): Promise<Reached> {
  if (name === 'in-process') {
    const connection = await connect({ kind: 'in-process', server }, options);
    return { connection, close: () => connection.close() };
  }
  if (name === 'stdio') {
    const { pipe, closed } = pipeTo(server);
    const probes: Promise<void>[] = [];
    const probe = () => {
      const probed = pipeTo(server);
      probes.push(probed.closed);
      return Promise.resolve(probed.pipe);
    };
    const connection = await connect({ kind: 'stdio', pipe }, { probe, ...options });
    return {
      connection,
      close: async () => {
        await connection.close();
        await Promise.all([closed, ...probes]);
      },
    };
  }
  const serving = await serveHttp(server, httpOptions[name]);
  const connection = await connect(
    name === 'legacy sse' ? { kind: 'sse', url: serving.sseUrl! } : { kind: 'http', url: serving.url },
    options,
  );
  return {
    connection,
    close: async () => {
      await connection.close();
      await serving.close();
    },
  };
}
