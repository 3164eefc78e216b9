/**
 * Validates calls against the schemas of a real server, at every level, and mends what is wrong. Run:
 * node examples/host/validation.mjs
 */
import { McpClient, ToolValidator, validationLevels } from 'mcp-dyno/host';
import { startEverything } from './reference-servers.mjs';

const server = await startEverything();
const client = new McpClient();
await client.connectServer('everything', { kind: 'http', url: server.url, headers: {} });
try {
  const tools = await client.listTools('everything');
  const tool = tools.find(({ name }) => name === 'get-sum');
  const validator = new ToolValidator();
  const args = { a: '5', c: 1 };
  console.log(`${tool.name} with ${JSON.stringify(args)}`);
  for (const level of validationLevels) {
    const result = validator.validateInput(tool, args, { level });
    console.log(`  ${level.padEnd(9)} ${result.valid ? 'valid' : result.message}`);
  }
  const result = validator.validateInput(tool, args, { level: 'strict' });
  const { patch, value } = result.repair();
  console.log('Repair:');
  for (const step of patch)
    console.log(`  ${step.op} ${step.path} ${JSON.stringify(step.value)} (${step.basis})`);
  console.log(`  gives ${JSON.stringify(value)}`);

  console.log('Hostile schemas are refused, never run:');
  for (const schema of [
    { type: 'string', pattern: '^(a+)+$' },
    { $ref: 'https://example.com/schema.json' },
    { $ref: '#' },
  ]) {
    console.log(`  ${JSON.stringify(schema)}: ${validator.refusalOf(schema).message}`);
  }
  console.log(validator.statistics);
} finally {
  await client.close();
  await server.stop();
}
