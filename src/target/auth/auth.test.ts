import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynoError, FakeClock, secrets } from '../../core/index.js';
import { connect, McpServer, serveHttp } from '../../protocol/index.js';
import type { AuthSpec, HttpTargetSpec } from '../target-spec.js';
import { authorizer } from './authorizer.js';
import { challengeParameters } from './oauth-discovery.js';
import { startTokenServer, type TokenServer } from './token-server.fixture.js';

let server: TokenServer;
beforeEach(async () => {
  server = await startTokenServer();
});
afterEach(async () => {
  await server.close();
});

const clientSecret = 'p+ss w/ö:rd-0123456789';
const target = (auth: AuthSpec, url = server.mcp): HttpTargetSpec => ({
  kind: 'http',
  url,
  headers: {},
  auth,
});
const credentials = (more: Partial<Extract<AuthSpec, { kind: 'client-credentials' }>> = {}): AuthSpec => ({
  kind: 'client-credentials',
  clientId: 'dyno:1',
  clientSecret,
  ...more,
});
const ask = (spec: HttpTargetSpec) => authorizer(spec)({ refresh: false });
const failure = async (spec: HttpTargetSpec): Promise<DynoError> => {
  const error: unknown = await ask(spec).then(
    (value) => expect.fail(`it gave '${value}'`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DynoError);
  const text = `${(error as DynoError).message} ${(error as DynoError).hint}`;
  expect(text).not.toContain(clientSecret);
  expect(text).not.toContain(encodeURIComponent(clientSecret));
  return error as DynoError;
};
const discoverable = () => {
  server.routes.set('/.well-known/oauth-protected-resource/mcp', {
    resource: server.mcp,
    authorization_servers: [server.origin],
    scopes_supported: ['tools:read', 'tools:call'],
  });
  server.routes.set('/.well-known/oauth-authorization-server', {
    issuer: server.origin,
    token_endpoint: `${server.origin}/token`,
  });
};

describe('client credentials', () => {
  it('sends id and secret as Basic, form-encoded, with scope and resource', async () => {
    const spec = target(credentials({ tokenUrl: `${server.origin}/token`, scope: 'a b' }));
    expect(await ask(spec)).toBe('Bearer token-1');
    const [request] = server.tokenRequests;
    const [id, secret] = Buffer.from(request!.authorization!.replace('Basic ', ''), 'base64')
      .toString()
      .split(':');
    const decoded = (text: string) => new URLSearchParams(`x=${text}`).get('x');
    expect([decoded(id!), decoded(secret!)]).toEqual(['dyno:1', clientSecret]);
    expect(request!.form).toEqual({ grant_type: 'client_credentials', scope: 'a b', resource: server.mcp });
    expect(server.paths).toEqual(['/token']);
  });

  it('finds the token endpoint by the metadata of resource and authorization server', async () => {
    discoverable();
    expect(await ask(target(credentials()))).toBe('Bearer token-1');
    expect(server.tokenRequests[0]!.form).toMatchObject({
      resource: server.mcp,
      scope: 'tools:read tools:call',
    });
  });

  it('follows the resource_metadata and scope of the challenge', async () => {
    discoverable();
    const elsewhere = server.routes.get('/.well-known/oauth-protected-resource/mcp');
    server.routes.delete('/.well-known/oauth-protected-resource/mcp');
    server.routes.set('/elsewhere', elsewhere);
    server.routes.set(
      '/mcp',
      (_request: unknown, response: { writeHead: (s: number, h: object) => { end(): void } }) => {
        const challenge = `Basic realm="x", Bearer resource_metadata="${server.origin}/elsewhere", scope="only"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      },
    );
    expect(await ask(target(credentials()))).toBe('Bearer token-1');
    expect(server.tokenRequests[0]!.form['scope']).toBe('only');
  });

  it('finds issuers with a path, OpenID metadata, and servers that are their own', async () => {
    server.routes.set('/.well-known/oauth-protected-resource', {
      resource: server.origin,
      authorization_servers: [`${server.origin}/tenant/7`],
    });
    server.routes.set('/tenant/7/.well-known/openid-configuration', {
      issuer: `${server.origin}/tenant/7`,
      token_endpoint: `${server.origin}/token`,
    });
    expect(await ask(target(credentials()))).toBe('Bearer token-1');
    server.routes.clear();
    server.routes.set('/.well-known/oauth-authorization-server', {
      issuer: server.origin,
      token_endpoint: `${server.origin}/token`,
    });
    expect(await ask(target(credentials()))).toBe('Bearer token-2');
  });

  it('sends the secret in the form where the server takes it only there', async () => {
    discoverable();
    server.routes.set('/.well-known/oauth-authorization-server', {
      issuer: server.origin,
      token_endpoint: `${server.origin}/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    });
    await ask(target(credentials()));
    expect(server.tokenRequests[0]).toMatchObject({
      authorization: undefined,
      form: { client_id: 'dyno:1', client_secret: clientSecret },
    });
  });

  it('asks once for all who ask at once, and again before the token ends', async () => {
    const clock = new FakeClock();
    server.routes.set('/token', (_request: unknown, response: { end(text: string): void }) => {
      response.end(JSON.stringify({ access_token: `t${server.tokenRequests.length}`, expires_in: 100 }));
    });
    const give = authorizer(target(credentials({ tokenUrl: `${server.origin}/token` })), clock);
    const all = await Promise.all(Array.from({ length: 20 }, () => give({ refresh: false })));
    expect(new Set(all)).toEqual(new Set(['Bearer t1']));
    // A fifth of 100 s before the end.
    await clock.advance(79_900);
    expect(await give({ refresh: false })).toBe('Bearer t1');
    await clock.advance(200);
    expect(await give({ refresh: false })).toBe('Bearer t2');
  });

  it('renews a refused token once, however many were refused', async () => {
    const clock = new FakeClock();
    const give = authorizer(target(credentials({ tokenUrl: `${server.origin}/token` })), clock);
    expect(await give({ refresh: false })).toBe('Bearer token-1');
    expect(await give({ refresh: true })).toBe('Bearer token-2');
    expect(await Promise.all([give({ refresh: true }), give({ refresh: true })])).toEqual([
      'Bearer token-2',
      'Bearer token-2',
    ]);
    await clock.advance(1500);
    expect(await give({ refresh: true })).toBe('Bearer token-3');
  });

  it('tries again after a failure', async () => {
    const give = authorizer(target(credentials({ tokenUrl: `${server.origin}/token` })));
    server.routes.set('/token', { nothing: true });
    await expect(give({ refresh: false })).rejects.toThrow(/without a usable access_token/);
    server.routes.delete('/token');
    expect(await give({ refresh: false })).toBe('Bearer token-2');
  });

  it('lets a real MCP connection through, and keeps it going when its token is revoked', async () => {
    const mcp = new McpServer({ name: 'guarded', version: '1' });
    mcp.tool({ name: 'echo', inputSchema: { type: 'object' } }, () => ({
      content: [{ type: 'text', text: 'hi' }],
    }));
    const serving = await serveHttp(mcp, { port: 0, host: '127.0.0.1' });
    const guarded = await startTokenServer(serving.url);
    const spec = target(credentials({ tokenUrl: `${guarded.origin}/token` }), guarded.mcp);
    const connection = await connect({ kind: 'http', url: guarded.mcp, authorization: authorizer(spec) });
    try {
      expect((await connection.callTool('echo', {})).content[0]?.text).toBe('hi');
      guarded.valid.clear();
      expect((await connection.callTool('echo', {})).content[0]?.text).toBe('hi');
      expect(guarded.tokenRequests).toHaveLength(2);
    } finally {
      await connection.close();
      await guarded.close();
      await serving.close();
    }
  });
});

describe('what can go wrong with client credentials', () => {
  const refusing = (status: number, body: string) => {
    server.routes.set(
      '/token',
      (_request: unknown, response: { writeHead(s: number): { end(t: string): void } }) => {
        response.writeHead(status).end(body);
      },
    );
    return failure(target(credentials({ tokenUrl: `${server.origin}/token` })));
  };

  it('is told in one sentence with what to do', async () => {
    const error = await refusing(
      401,
      JSON.stringify({ error: 'invalid_client', error_description: `no ${clientSecret}\u001b[31m` }),
    );
    expect(error.exitCode).toBe(111);
    expect(error.message).toBe(
      `The token endpoint ${server.origin}/token refused the client (401): invalid_client: no «redacted»`,
    );
    expect(error.hint).toBe('Check client id and client secret.');
  });

  it.each([
    [500, '<html>boom</html>', /refused the client \(500\): <html>boom<\/html>/],
    [200, 'not json', /without a usable access_token/],
    [200, '{"access_token": "two words"}', /without a usable access_token/],
    [200, '{"access_token": "x", "token_type": "mac"}', /of type 'mac', not a bearer token/],
  ])('a token endpoint that answers %i %s', async (status, body, message) => {
    expect((await refusing(status, body)).message).toMatch(message);
  });

  it('a server that cannot be reached', async () => {
    await server.close();
    expect((await failure(target(credentials({ tokenUrl: `${server.origin}/token` })))).message).toMatch(
      /authorization server http:\/\/127.0.0.1:\d+ cannot be reached/,
    );
    server = await startTokenServer();
  });

  it('a token endpoint that would get the secret in the clear', async () => {
    const error = await failure(target(credentials({ tokenUrl: 'http://example.org/token' })));
    expect(error.message).toMatch(
      /not sent to http:\/\/example.org\/token: it is neither https nor this machine/,
    );
  });

  it('nothing to be found', async () => {
    const error = await failure(target(credentials()));
    expect(error.message).toMatch(
      /No token endpoint was found for .*\/mcp: neither .*RFC 9728.* nor .*RFC 8414/,
    );
    expect(error.hint).toMatch(/--oauth-token-url/);
  });

  it.each<[string, string, object, RegExp]>([
    [
      'metadata of another resource',
      '/.well-known/oauth-protected-resource/mcp',
      { resource: 'https://evil.example/mcp', authorization_servers: ['https://evil.example'] },
      /is for https:\/\/evil.example\/mcp, not for/,
    ],
    [
      'no authorization server',
      '/.well-known/oauth-protected-resource/mcp',
      { resource: 'SELF', authorization_servers: [] },
      /names no authorization server/,
    ],
    [
      'another issuer',
      '/.well-known/oauth-authorization-server',
      { issuer: 'https://evil.example', token_endpoint: 'SELF' },
      /says that it is https:\/\/evil.example/,
    ],
    [
      'no token endpoint',
      '/.well-known/oauth-authorization-server',
      { issuer: 'ORIGIN' },
      /names no token_endpoint/,
    ],
    [
      'another grant',
      '/.well-known/oauth-authorization-server',
      { issuer: 'ORIGIN', token_endpoint: 'SELF', grant_types_supported: ['authorization_code'] },
      /does not offer client credentials, only authorization_code/,
    ],
    [
      'a strange scheme',
      '/.well-known/oauth-authorization-server',
      { issuer: 'ORIGIN', token_endpoint: 'file:///etc/passwd' },
      /token endpoint of .* to be an http\(s\) URL/,
    ],
  ])('metadata with %s', async (_what, path, metadata, message) => {
    discoverable();
    const text = JSON.stringify(metadata).replaceAll('SELF', server.mcp).replaceAll('ORIGIN', server.origin);
    server.routes.set(path, JSON.parse(text));
    expect((await failure(target(credentials()))).message).toMatch(message);
    expect(server.tokenRequests).toEqual([]);
  });
});

describe('challenges', () => {
  it('are read by RFC 9110', () => {
    expect(Object.fromEntries(challengeParameters('Bearer realm="a \\"b\\"", scope=x , error="y"'))).toEqual({
      realm: 'a "b"',
      scope: 'x',
      error: 'y',
    });
    expect(challengeParameters('Basic realm="x"').size).toBe(0);
    expect(challengeParameters('').size).toBe(0);
  });
});

describe('a bearer command', () => {
  const command = (text: string, timeoutMs?: number) =>
    target({ kind: 'bearer-command', command: text, ...(timeoutMs === undefined ? {} : { timeoutMs }) });

  it('is run once, again when the token is refused, and its token is a secret', async () => {
    const give = authorizer(command('echo "Bearer tok-$$-abcdef"'));
    const first = await give({ refresh: false });
    expect(first).toMatch(/^Bearer tok-\d+-abcdef$/);
    expect(await give({ refresh: false })).toBe(first);
    const second = await give({ refresh: true });
    expect(second).not.toBe(first);
    expect(secrets.redact(`x ${second!.slice(7)} y`)).toBe('x «redacted» y');
  });

  it.each([
    ['exit 3', undefined, 'The bearer command failed with exit code 3', /Run it by hand/],
    ['echo no luck >&2; exit 1', undefined, 'The bearer command failed with exit code 1', /no luck/],
    ['no-such-command-at-all', undefined, 'The bearer command failed with exit code 127', /not found/],
    ['true', undefined, 'The bearer command printed no token', /Run it by hand/],
    ['echo two words', undefined, /printed more than a token/, /Run it by hand/],
    ['printf "a\\nb\\n"', undefined, /printed more than a token/, /Run it by hand/],
    ['yes', undefined, /printed more than 64 kB/, /Run it by hand/],
    ['kill -TERM $$', undefined, 'The bearer command was ended by SIGTERM', /Run it by hand/],
    [
      'echo waiting >&2; sleep 30 & wait',
      300,
      'The bearer command printed no token within 300 ms',
      /waiting/,
    ],
  ])('that is %j ends in one clear sentence', async (text, timeoutMs, message, hint) => {
    const error = await failure(command(text, timeoutMs));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.exitCode).toBe(111);
  });
});
