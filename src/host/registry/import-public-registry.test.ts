import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, type JsonObject } from '../../core/index.js';
import { importPublicRegistry, ServiceRegistry } from './index.js';

/** Entries as the official registry gives them (generic registry API, 2025-10-17), shortened. */
const official = { status: 'active', updatedAt: '2026-10-01T12:00:00Z', isLatest: true };
const remote: JsonObject = {
  server: {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: 'com.example/weather',
    title: 'Weather',
    description: 'Forecasts <b>for</b> everywhere',
    version: '2.1.0',
    repository: { url: 'https://github.com/example/weather', source: 'github' },
    remotes: [
      { type: 'sse', url: 'https://weather.example.com/sse' },
      {
        type: 'streamable-http',
        url: 'https://weather.example.com/mcp',
        headers: [{ name: 'X-API-Key', isSecret: true, value: 'do-not-keep' }],
      },
    ],
  },
  _meta: { 'io.modelcontextprotocol.registry/official': official },
};
const packaged: JsonObject = {
  server: {
    name: 'io.github.example/files',
    description: 'Files',
    version: '1.0.2',
    packages: [
      {
        registryType: 'npm',
        identifier: '@example/server-files',
        version: '1.0.2',
        transport: { type: 'stdio' },
        environmentVariables: [{ name: 'API_KEY', isSecret: true, default: 'do-not-keep' }],
      },
    ],
  },
  _meta: { 'io.modelcontextprotocol.registry/official': official },
};
const made = (n: number): JsonObject => ({
  server: {
    name: `com.example/s${n}`,
    description: '',
    version: '1.0.0',
    remotes: [{ type: 'sse', url: `https://h${n}/` }],
  },
});

describe('importing from a public registry', () => {
  let server: Server;
  let url: string;
  let answer: (request: URL, response: ServerResponse) => void;
  let requests: URL[];
  let registry: ServiceRegistry;

  beforeEach(async () => {
    requests = [];
    server = createServer((request: IncomingMessage, response) => {
      const asked = new URL(request.url!, url);
      requests.push(asked);
      answer(asked, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    registry = await ServiceRegistry.open({ clock: new FakeClock() });
  });
  afterEach(async () => {
    await registry.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const pages = (all: JsonObject[][]) => {
    answer = (asked, response) => {
      const page = Number(asked.searchParams.get('cursor') ?? '0');
      const nextCursor = page + 1 < all.length ? String(page + 1) : undefined;
      response.end(
        JSON.stringify({ servers: all[page], metadata: { count: all[page]!.length, nextCursor } }),
      );
    };
  };

  it('registers remotes by their URL and packages by their package URL, without values that may be secret', async () => {
    pages([[remote, packaged]]);
    const report = await importPublicRegistry(registry, { url });
    expect(report).toEqual({
      imported: 2,
      removed: 0,
      pages: 1,
      skippedCount: 0,
      skipped: [],
      truncated: null,
    });
    const host = new URL(url).host;
    const [weather] = registry.discoverServices({ name: 'com.example/weather' });
    expect(weather).toMatchObject({
      type: 'mcp_server',
      version: '2.1.0',
      endpoint: 'sse+https://weather.example.com/sse',
      state: 'starting',
      ttl: 'none',
      tags: [`registry:${host}`, 'status:active', 'remote:sse', 'remote:streamable-http'],
      metadata: {
        description: 'Forecasts <b>for</b> everywhere',
        title: 'Weather',
        repository: 'https://github.com/example/weather',
        updatedAt: '2026-10-01T12:00:00Z',
        remotes: [{}, { headers: ['X-API-Key'] }],
      },
    });
    const [files] = registry.discoverServices({ tags: 'package:npm' });
    expect(files!.endpoint).toBe('pkg:npm/%40example/server-files@1.0.2');
    expect(JSON.stringify(registry.getAllServices())).not.toContain('do-not-keep');
  });

  it('asks for the latest versions, page after page, and updates on the next import without doubling', async () => {
    const all = Array.from({ length: 25 }, (_, n) => made(n));
    pages([all.slice(0, 10), all.slice(10, 20), all.slice(20)]);
    const report = await importPublicRegistry(registry, {
      url: `${url}/`,
      search: 'ex',
      updatedSince: '2026-01-01T00:00:00Z',
    });
    expect(report).toMatchObject({ imported: 25, pages: 3, truncated: null });
    expect(requests.map((asked) => asked.pathname)).toEqual(Array(3).fill('/v0.1/servers'));
    expect(Object.fromEntries(requests[1]!.searchParams)).toEqual({
      limit: '100',
      version: 'latest',
      search: 'ex',
      updated_since: '2026-01-01T00:00:00Z',
      cursor: '1',
    });
    const before = registry.revision;
    await importPublicRegistry(registry, { url });
    expect(registry.revision).toBe(before);
    const moved = structuredClone(all);
    (moved[3]!['server'] as JsonObject)['remotes'] = [
      { type: 'streamable-http', url: 'https://elsewhere/mcp' },
    ];
    pages([moved]);
    await importPublicRegistry(registry, { url });
    expect(registry.getAllServices()).toHaveLength(25);
    expect(registry.discoverServices({ name: 'com.example/s3' })[0]!.endpoint).toBe('https://elsewhere/mcp');
  });

  it('takes out what was deleted there', async () => {
    pages([[remote, packaged]]);
    await importPublicRegistry(registry, { url });
    const deleted = structuredClone(remote);
    deleted['_meta'] = { 'io.modelcontextprotocol.registry/official': { ...official, status: 'deleted' } };
    pages([[deleted]]);
    expect(await importPublicRegistry(registry, { url })).toMatchObject({ removed: 1, imported: 0 });
    expect(registry.getAllServices().map((one) => one.name)).toEqual(['io.github.example/files']);
  });

  it('skips entries that are no services, by name, and takes the others', async () => {
    const odd = (over: JsonObject): JsonObject => ({ server: { name: 'x', version: '1.0.0', ...over } });
    pages([
      [
        odd({ name: 'a'.repeat(300), remotes: [{ type: 'sse', url: 'https://h/' }] }),
        odd({ name: 'template', remotes: [{ type: 'sse', url: 'https://{tenant}.h/' }] }),
        odd({ name: 'nowhere' }),
        odd({ name: 'script', remotes: [{ type: 'sse', url: 'javascript:alert(1)' }] }),
        odd({ name: 'credentials', remotes: [{ type: 'sse', url: 'https://a:b@h/' }] }),
        'text' as unknown as JsonObject,
        made(1),
      ],
    ]);
    const report = await importPublicRegistry(registry, { url });
    expect(report).toMatchObject({ imported: 1, skippedCount: 6 });
    expect(report.skipped.map((one) => one.why)).toEqual([
      expect.stringContaining('at most 200 characters, got 300'),
      'its remotes need variables',
      'it has neither a remote nor a package',
      'its remotes need variables',
      expect.stringContaining('no user name or password'),
      'the entry is no object',
    ]);
  });

  it('ends at a page that comes again, and at its bounds when pages never end', async () => {
    answer = (_asked, response) =>
      response.end(JSON.stringify({ servers: [made(1)], metadata: { nextCursor: 'same' } }));
    expect(await importPublicRegistry(registry, { url })).toMatchObject({
      pages: 2,
      truncated: /second time/,
    });
    let n = 0;
    answer = (_asked, response) =>
      response.end(JSON.stringify({ servers: [made(n++), made(n++)], metadata: { nextCursor: `c${n}` } }));
    expect(await importPublicRegistry(registry, { url, maxPages: 5 })).toMatchObject({
      pages: 5,
      truncated: 'it reached the limit of 5 pages',
    });
    expect(await importPublicRegistry(registry, { url, maxServers: 7 })).toMatchObject({
      imported: 7,
      truncated: 'it reached the limit of 7 servers',
    });
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['an error status', (response) => response.writeHead(503).end('<h1>no</h1>'), /HTTP status 503/],
    ['something that is not JSON', (response) => response.end('<html>'), /gave no list of servers: .*JSON/],
    ['JSON without a list', (response) => response.end('{"servers": {}}'), /no array `servers`/],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /redirect/,
    ],
    ['a page without end', flood, /larger than 100000 bytes/],
    ['nothing', () => undefined, /timeout/],
    ['a cut connection', (response) => response.socket!.destroy(), /fetch failed \(.+\)/],
  ])('says that %s came', async (_name, how, message) => {
    answer = (_asked, response) => {
      how(response);
    };
    const refused = importPublicRegistry(registry, { url, timeoutMs: 400, maxPageBytes: 100_000 });
    await expect(refused).rejects.toMatchObject({ code: 'target-unreachable', exitCode: 111 });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(`The MCP registry at ${url}/v0.1/servers gave no list`);
  });

  it('refuses wrong options', async () => {
    await expect(importPublicRegistry(registry, { url: 'ftp://h' })).rejects.toThrow(
      /http\(s\) URL, got "ftp:\/\/h"/,
    );
    await expect(importPublicRegistry(registry, { url, maxPages: 0 })).rejects.toThrow(/maxPages .* got 0/);
  });
});

function flood(response: ServerResponse): void {
  const chunk = 'x'.repeat(50_000);
  const more = () => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}
