import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { measure, tool, url } from './common.js';

const client = new Client({ name: 'bench', version: '1.0.0' });
let transport;
if (url.startsWith('stdio:')) {
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio');
  const [command, ...args] = JSON.parse(url.slice(6));
  transport = new StdioClientTransport({ command, args });
} else {
  transport = new StreamableHTTPClientTransport(new URL(url));
}
await client.connect(transport);
await measure('official SDK v2 client', () => client.callTool(tool));
await client.close();
