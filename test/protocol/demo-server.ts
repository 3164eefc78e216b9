import { McpServer, RpcError } from '../../src/protocol/index.js';

/** A server that uses everything the server side offers; the same one is met by our client and the official ones. */
export function demoServer(): McpServer {
  const server = new McpServer({
    name: 'demo',
    version: '1.2.3',
    title: 'Demo',
    instructions: 'Be kind.',
    pageSize: 4,
  });
  server.tool(
    {
      name: 'echo',
      description: 'Says it again.',
      annotations: { readOnlyHint: true },
      inputSchema: {
        type: 'object',
        properties: { message: { type: 'string' } },
        required: ['message'],
      },
    },
    ({ message }) => String(message),
  );
  server.tool(
    {
      name: 'add',
      annotations: { readOnlyHint: true },
      inputSchema: {
        type: 'object',
        properties: { a: { type: 'number' }, b: { type: 'number' } },
        required: ['a', 'b'],
      },
      outputSchema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
    },
    ({ a, b }) => {
      const sum = Number(a) + Number(b);
      return { content: [{ type: 'text', text: String(sum) }], structuredContent: { sum } };
    },
  );
  server.tool({ name: 'fail' }, () => {
    throw new Error('this tool always fails');
  });
  server.tool({ name: 'refuse' }, () => {
    throw new RpcError(-32099, 'not today', { until: 'tomorrow' });
  });
  server.tool({ name: 'steps' }, async (_, call) => {
    for (let step = 1; step <= 3; step++) {
      call.progress(step, 3, `step ${step}`);
      call.log('info', { step });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return 'done';
  });
  server.tool({ name: 'wait' }, (_, call) => {
    waits.started++;
    return new Promise((resolve) => {
      call.signal.addEventListener('abort', () => {
        waits.aborted++;
        resolve('aborted');
      });
    });
  });
  server.tool({ name: 'ask-name' }, async (_, call) => {
    const first = await call.request('elicitation/create', {
      message: 'Your first name?',
      requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
    });
    const last = await call.request('elicitation/create', {
      message: 'Your last name?',
      requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
    });
    const nameOf = (answer: unknown) => (answer as { content: { name: string } }).content.name;
    return `Hello ${nameOf(first)} ${nameOf(last)}`;
  });
  server.tool(
    {
      name: 'region',
      inputSchema: {
        type: 'object',
        properties: { where: { type: 'string', 'x-mcp-header': 'Region' } },
      },
    },
    ({ where }) => `in ${String(where)}`,
  );
  server.resource({ uri: 'memo://one', name: 'one', mimeType: 'text/plain' }, (uri) => ({
    contents: [{ uri, mimeType: 'text/plain', text: 'the first memo' }],
  }));
  server.resourceTemplate({ uriTemplate: 'memo://{id}', name: 'memo' }, (uri, _, { id }) => ({
    contents: [{ uri, text: `memo ${id!}` }],
  }));
  server.prompt({ name: 'greet', arguments: [{ name: 'who', required: true }] }, ({ who }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Greet ${who!}` } }],
  }));
  server.completion(({ argument }) => ({
    completion: { values: ['alpha', 'beta'].filter((value) => value.startsWith(argument.value)) },
  }));
  const waits = { started: 0, aborted: 0 };
  server.tool({ name: 'waits' }, () => JSON.stringify(waits));
  return server;
}
