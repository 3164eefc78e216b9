/**
 * The server of the official conformance suite, with the tools, resources and prompts that it asks for:
 * `node server.mjs`. Prints `{"url":…,"pid":…}` when it listens; ends when its stdin ends. Runs the built server (dist).
 * See test/conformance/README.md.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { McpServer, RpcError, serveHttp } from '../../dist/protocol/index.js';

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const silence = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQAAAAA=';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const text = (value) => ({ type: 'text', text: value });
const done = (...content) => ({ content });
const form = (message, properties, required = Object.keys(properties)) => ({
  message,
  requestedSchema: { type: 'object', properties, required },
});

const server = new McpServer({ name: 'dyno-conformance', version: '1.0.0', instructions: 'For tests.' });
const tool = (name, handler, properties = {}) =>
  server.tool(
    {
      name,
      description: `The suite's ${name}`,
      inputSchema: { type: 'object', properties, required: Object.keys(properties) },
    },
    handler,
  );

tool('test_simple_text', () => done(text('This is a simple text response for testing.')));
tool('test_image_content', () => done({ type: 'image', data: pixel, mimeType: 'image/png' }));
tool('test_audio_content', () => done({ type: 'audio', data: silence, mimeType: 'audio/wav' }));
tool('test_embedded_resource', () =>
  done({
    type: 'resource',
    resource: {
      uri: 'test://embedded-resource',
      mimeType: 'text/plain',
      text: 'This is an embedded resource content.',
    },
  }),
);
tool('test_multiple_content_types', () =>
  done(
    text('Multiple content types test:'),
    { type: 'image', data: pixel, mimeType: 'image/png' },
    {
      type: 'resource',
      resource: {
        uri: 'test://mixed-content-resource',
        mimeType: 'application/json',
        text: '{"test":"data","value":123}',
      },
    },
  ),
);
tool('test_tool_with_logging', async (_, call) => {
  call.log('info', 'Tool execution started');
  await pause(50);
  call.log('info', 'Tool processing data');
  await pause(50);
  call.log('info', 'Tool execution completed');
  return 'logged';
});
tool('test_error_handling', () => {
  throw new Error('This tool intentionally returns an error for testing');
});
tool('test_tool_with_progress', async (_, call) => {
  for (const progress of [0, 50, 100]) {
    call.progress(progress, 100);
    await pause(50);
  }
  return 'progressed';
});
tool(
  'test_sampling',
  async ({ prompt }, call) => {
    const messages = [{ role: 'user', content: text(prompt) }];
    const answer = await call.request('sampling/createMessage', { messages, maxTokens: 100 });
    return `LLM response: ${answer.content.text}`;
  },
  { prompt: { type: 'string' } },
);
tool(
  'test_elicitation',
  async ({ message }, call) => {
    const properties = { username: { type: 'string' }, email: { type: 'string' } };
    const answer = await call.request('elicitation/create', form(message, properties));
    return `User response: ${JSON.stringify(answer)}`;
  },
  { message: { type: 'string' } },
);
const completed = ({ action, content }) =>
  `Elicitation completed: action=${action}, content=${JSON.stringify(content)}`;
tool('test_elicitation_sep1034_defaults', async (_, call) => {
  const properties = {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  };
  return completed(await call.request('elicitation/create', form('Defaults', properties, [])));
});
tool('test_elicitation_sep1330_enums', async (_, call) => {
  const options = ['option1', 'option2', 'option3'];
  const titled = ['First', 'Second', 'Third'].map((title, i) => ({ const: `value${i + 1}`, title }));
  const properties = {
    untitledSingle: { type: 'string', enum: options },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
    titledMulti: { type: 'array', items: { anyOf: titled } },
  };
  return completed(await call.request('elicitation/create', form('Enums', properties, [])));
});
tool('test_reconnection', async (_, call) => {
  await pause(20);
  call.closeStream();
  await pause(100);
  return 'Reconnection test completed successfully';
});
tool('test_missing_capability', async (_, call) => {
  const messages = [{ role: 'user', content: text('x') }];
  return JSON.stringify(await call.request('sampling/createMessage', { messages, maxTokens: 1 }));
});
tool('test_streaming_elicitation', async (_, call) => {
  call.progress(1, 2);
  await pause(10);
  return JSON.stringify(
    await call.request('elicitation/create', form('Go on?', { ok: { type: 'boolean' } })),
  );
});
tool('test_logging_tool', (_, call) => {
  call.log('info', 'a log line');
  return 'logged';
});
tool('test_trigger_tool_change', () => {
  server.tool({ name: 'test_added', description: 'Comes and goes' }, () => 'here');
  server.removeTool('test_added');
  return 'changed';
});
tool('test_trigger_prompt_change', () => {
  server.prompt({ name: 'test_added', description: 'Comes and goes' }, () => ({ messages: [] }));
  server.removePrompt('test_added');
  return 'changed';
});
server.tool(
  {
    name: 'json_schema_2020_12_tool',
    description: 'Tool with JSON Schema 2020-12 features',
    inputSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      $defs: {
        address: {
          $anchor: 'addressDef',
          type: 'object',
          properties: { street: { type: 'string' }, city: { type: 'string' } },
        },
      },
      properties: {
        name: { type: 'string' },
        address: { $ref: '#/$defs/address' },
        contactMethod: { type: 'string', enum: ['phone', 'email'] },
        phone: { type: 'string' },
        email: { type: 'string' },
      },
      allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
      if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
      then: { required: ['phone'] },
      else: { required: ['email'] },
      additionalProperties: false,
    },
  },
  () => 'ok',
);
server.tool(
  {
    name: 'test_x_mcp_header',
    description: 'Arguments that travel as headers',
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        priority: { type: 'integer', 'x-mcp-header': 'Priority' },
        verbose: { type: 'boolean', 'x-mcp-header': 'Verbose' },
        query: { type: 'string' },
      },
    },
  },
  (args) => JSON.stringify(args),
);

const ask = (key, method, params, requestState) => ({
  resultType: 'input_required',
  inputRequests: { [key]: { method, params } },
  ...(requestState !== undefined && { requestState }),
});
const nameForm = form('What is your name?', { name: { type: 'string' } });
const sample = (words, maxTokens) => ({ messages: [{ role: 'user', content: text(words) }], maxTokens });
const answered = (call, key) => call.inputResponses?.[key];

const key = randomBytes(32);
const sign = (state) => `${state}.${createHmac('sha256', key).update(state).digest('base64url')}`;
function verified(state) {
  const [payload = ''] = (state ?? '').split('.');
  const [given, expected] = [Buffer.from(state ?? ''), Buffer.from(sign(payload))];
  if (given.length === expected.length && timingSafeEqual(given, expected)) return payload;
  throw new RpcError(-32602, 'Invalid params: requestState was tampered with');
}

tool('test_input_required_result_elicitation', (_, call) => {
  const name = answered(call, 'user_name')?.content?.name;
  if (typeof name === 'string') return `Hello, ${name}!`;
  return ask('user_name', 'elicitation/create', nameForm);
});
tool('test_input_required_result_sampling', (_, call) => {
  const answer = answered(call, 'capital_question');
  if (answer?.content?.text !== undefined) return answer.content.text;
  return ask('capital_question', 'sampling/createMessage', sample('What is the capital of France?', 100));
});
tool('test_input_required_result_list_roots', (_, call) => {
  const answer = answered(call, 'client_roots');
  if (Array.isArray(answer?.roots)) return `Roots: ${answer.roots.map(({ uri }) => uri).join(', ')}`;
  return ask('client_roots', 'roots/list', {});
});
const confirm = form('Please confirm', { ok: { type: 'boolean' } });
for (const name of [
  'test_input_required_result_request_state',
  'test_input_required_result_tampered_state',
]) {
  tool(name, (_, call) => {
    if (call.requestState !== undefined) {
      verified(call.requestState);
      if (answered(call, 'confirm') !== undefined) return 'state-ok';
    }
    return ask('confirm', 'elicitation/create', confirm, sign('confirm'));
  });
}
tool('test_input_required_result_multiple_inputs', (_, call) => {
  const keys = ['user_name', 'greeting', 'client_roots'];
  if (call.requestState !== undefined) verified(call.requestState);
  if (keys.every((each) => answered(call, each) !== undefined)) return 'all there';
  return {
    resultType: 'input_required',
    inputRequests: {
      user_name: { method: 'elicitation/create', params: nameForm },
      greeting: { method: 'sampling/createMessage', params: sample('Generate a greeting', 50) },
      client_roots: { method: 'roots/list', params: {} },
    },
    requestState: sign('many'),
  };
});
tool('test_input_required_result_multi_round', (_, call) => {
  const round = call.requestState === undefined ? 'start' : verified(call.requestState);
  if (round === 'two' && answered(call, 'step2') !== undefined) return 'both steps done';
  if (round === 'one' && answered(call, 'step1') !== undefined) {
    const color = form('Step 2: What is your favorite color?', { color: { type: 'string' } });
    return ask('step2', 'elicitation/create', color, sign('two'));
  }
  const name = form('Step 1: What is your name?', { name: { type: 'string' } });
  return ask('step1', 'elicitation/create', name, sign('one'));
});
tool('test_input_required_result_capabilities', (_, call) => {
  const can = call.clientCapabilities;
  const inputRequests = {
    ...(can.sampling && { sampled: { method: 'sampling/createMessage', params: sample('Hi', 10) } }),
    ...(can.elicitation && { elicited: { method: 'elicitation/create', params: nameForm } }),
  };
  return { resultType: 'input_required', inputRequests, requestState: sign('capabilities') };
});

const resource = (uri, mimeType, contents) =>
  server.resource({ uri, name: uri.slice(7), description: `The suite's ${uri}`, mimeType }, () => ({
    contents: [{ uri, mimeType, ...contents }],
  }));
resource('test://static-text', 'text/plain', { text: 'This is the content of the static text resource.' });
resource('test://static-binary', 'image/png', { blob: pixel });
resource('test://watched-resource', 'text/plain', { text: 'Watch me.' });
server.resourceTemplate(
  { uriTemplate: 'test://template/{id}/data', name: 'template', description: 'By id' },
  (uri, _, { id }) => ({
    contents: [
      {
        uri,
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      },
    ],
  }),
);

const prompt = (name, messages, args = []) =>
  server.prompt(
    {
      name,
      description: `The suite's ${name}`,
      arguments: args.map((arg) => ({ name: arg, description: arg, required: true })),
    },
    (given, call) => messages(given, call),
  );
const user = (content) => ({ role: 'user', content });
prompt('test_simple_prompt', () => ({ messages: [user(text('This is a simple prompt for testing.'))] }));
prompt(
  'test_prompt_with_arguments',
  ({ arg1, arg2 }) => ({
    messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
  }),
  ['arg1', 'arg2'],
);
prompt(
  'test_prompt_with_embedded_resource',
  ({ resourceUri }) => ({
    messages: [
      user({
        type: 'resource',
        resource: {
          uri: resourceUri,
          mimeType: 'text/plain',
          text: 'Embedded resource content for testing.',
        },
      }),
      user(text('Please process the embedded resource above.')),
    ],
  }),
  ['resourceUri'],
);
prompt('test_prompt_with_image', () => ({
  messages: [
    user({ type: 'image', data: pixel, mimeType: 'image/png' }),
    user(text('Please analyze the image above.')),
  ],
}));
prompt('test_input_required_result_prompt', (_, call) => {
  const context = answered(call, 'user_context')?.content?.context;
  if (typeof context === 'string') return { messages: [user(text(`Use ${context}`))] };
  const params = form('What context should the prompt use?', { context: { type: 'string' } });
  return ask('user_context', 'elicitation/create', params);
});

server.completion(({ argument }) => {
  const values = ['paris', 'park', 'party'].filter((value) => value.startsWith(argument.value));
  return { completion: { values, total: values.length, hasMore: false } };
});

const { url } = await serveHttp(server, { eventStore: 1000, retryMs: 50 });
process.stdout.write(`${JSON.stringify({ url, pid: process.pid })}\n`);
process.stdin.resume().on('end', () => process.exit(0));
