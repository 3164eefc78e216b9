/**
 * The client of the official conformance suite: `node client.mjs URL`, with the scenario and the revision in its
 * environment. Runs the built client (dist). See test/conformance/README.md.
 */
import { connect } from '../../dist/protocol/index.js';

const url = process.argv.at(-1);
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'];
const protocol = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'] ?? 'auto';
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}');

/** Accepts every form with its defaults. */
function answer(method, params) {
  if (method !== 'elicitation/create') throw new Error(`no answer to ${method}`);
  const fields = Object.entries(params.requestedSchema?.properties ?? {});
  const filled = fields.map(([name, schema]) => [name, schema.default ?? made(schema.type)]);
  return Promise.resolve({ action: 'accept', content: Object.fromEntries(filled) });
}

function made(type) {
  return { string: 'text', number: 1.5, integer: 1, boolean: true }[type];
}

const connection = await connect(
  { kind: 'http', url },
  {
    protocol,
    capabilities: { elicitation: {}, sampling: {}, roots: {} },
    onRequest: answer,
    // That scenario answers on any GET stream; only the resumed one is meant.
    listen: scenario !== 'sse-retry',
  },
);

const steps = {
  tools_call: async () => {
    await connection.listTools();
    await connection.callTool('add_numbers', { a: 5, b: 3 });
  },
  'elicitation-sep1034-client-defaults': async () => {
    await connection.listTools();
    await connection.callTool('test_client_elicitation_defaults');
  },
  'sse-retry': async () => {
    await connection.listTools();
    await connection.callTool('test_reconnection');
  },
  'request-metadata': async () => {
    await connection.listTools();
    await connection.callTool('any');
  },
  'http-standard-headers': async () => {
    for (const tool of await connection.listTools()) await connection.callTool(tool.name);
    for (const { uri } of await connection.listResources()) await connection.readResource(uri);
    for (const { name } of await connection.listPrompts()) await connection.getPrompt(name);
  },
  'http-custom-headers': async () => {
    await connection.listTools();
    for (const call of context.toolCalls) await connection.callTool(call.name, call.arguments);
  },
  'http-invalid-tool-headers': async () => {
    for (const tool of await connection.listTools()) await connection.callTool(tool.name, { region: 'x' });
  },
  'sep-2322-client-request-state': async () => {
    const names = (await connection.listTools()).map((tool) => tool.name);
    await connection.callTool('test_mrtr_echo_state');
    await connection.callTool('test_mrtr_unrelated');
    for (const name of names.slice(1)) await connection.callTool(name);
    await Promise.all(names.map((name) => connection.callTool(name)));
  },
  'json-schema-2020-12-preservation': async () => {
    const tools = await connection.listTools();
    const schema = tools.find((tool) => tool.name === 'json_schema_2020_12_tool')?.inputSchema;
    await connection.callTool('json_schema_echo', { schema });
  },
};

await (steps[scenario] ?? (() => connection.listTools()))();
await connection.close();
