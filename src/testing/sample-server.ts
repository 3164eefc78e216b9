import { McpServer } from '../protocol/index.js';

/**
 * An MCP server for tests, in this process: `echo {message}`, `add {a, b}` (structured), `slow {ms}` and `fail` (answers
 * `isError`) are read-only, `remember {key, value}` is not.
 *
 * @param name how it introduces itself; `sample` unless given
 */
export function sampleServer(name = 'sample'): McpServer {
  const server = new McpServer({ name, version: '1.0.0' });
  const annotations = { readOnlyHint: true };
  const memory = new Map<string, string>();
  server.tool(
    {
      name: 'echo',
      description: 'Says a message again.',
      annotations,
      inputSchema: object({ message: { type: 'string' } }),
    },
    ({ message }) => String(message),
  );
  server.tool(
    {
      name: 'add',
      description: 'Adds two numbers.',
      annotations,
      inputSchema: object({ a: { type: 'number' }, b: { type: 'number' } }),
      outputSchema: object({ sum: { type: 'number' } }),
    },
    ({ a, b }) => ({ content: [], structuredContent: { sum: Number(a) + Number(b) } }),
  );
  server.tool(
    {
      name: 'slow',
      description: 'Answers after so many milliseconds.',
      annotations,
      inputSchema: object({ ms: { type: 'number', minimum: 0, maximum: 60_000 } }),
    },
    ({ ms }, { signal }) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          resolve('done');
        };
        const timer = setTimeout(done, Number(ms));
        signal.addEventListener('abort', done, { once: true });
      }),
  );
  server.tool({ name: 'fail', description: 'Always fails.', annotations }, () => ({
    content: [{ type: 'text', text: 'failed as asked' }],
    isError: true,
  }));
  server.tool(
    {
      name: 'remember',
      description: 'Keeps a value under a key.',
      inputSchema: object({ key: { type: 'string' }, value: { type: 'string' } }),
    },
    ({ key, value }) => {
      memory.set(String(key), String(value));
      return `${memory.size} kept`;
    },
  );
  return server;
}

function object(properties: Record<string, { type: string; minimum?: number; maximum?: number }>) {
  return { type: 'object', properties, required: Object.keys(properties) };
}
