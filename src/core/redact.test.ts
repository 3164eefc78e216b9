import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecretName, redacted, Secrets } from './redact.js';

const knowing = (...values: string[]) => {
  const secrets = new Secrets();
  for (const value of values) secrets.add(value);
  return secrets;
};

describe('names of secrets', () => {
  it.each([
    'Authorization',
    'Proxy-Authorization',
    'Cookie',
    'X-Api-Key',
    'api_key',
    'GITHUB_TOKEN',
    'GITHUB_PERSONAL_ACCESS_TOKEN',
    'OPENAI_API_KEY',
    'client_secret',
    'DB_PASSWORD',
    'PGPASSWORD',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'sig',
    'auth',
    'access-key',
    'SENTRY_DSN',
    'GH_PAT',
  ])('%s is one', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each([
    'PATH',
    'AUTHOR',
    'TOKEN_LIMIT',
    'token_url',
    'SSH_AUTH_SOCK',
    'KEYBOARD',
    'design',
    'Content-Type',
  ])('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe('redaction', () => {
  it('replaces a secret raw, percent-encoded, in JSON and in base64', () => {
    const secret = 'p@ss "w/ord+1';
    const secrets = knowing(secret);
    for (const text of [
      `say ${secret}!`,
      `x=${encodeURIComponent(secret)}`,
      `x=${encodeURIComponent(secret).toLowerCase()}`,
      new URLSearchParams({ x: secret }).toString(),
      JSON.stringify({ x: `a${secret}b` }),
    ]) {
      expect(secrets.redact(text)).toContain(redacted);
      expect(secrets.redact(text)).not.toMatch(/ord/);
    }
  });

  it('finds a secret within base64 at every position', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, maxLength: 40 }).filter((text) => text.trim() === text),
        fc.string({ maxLength: 10 }),
        fc.string({ maxLength: 10 }),
        fc.constantFrom('base64' as const, 'base64url' as const),
        (secret, before, after, encoding) => {
          const text = Buffer.from(before + secret + after).toString(encoding);
          expect(knowing(secret).redact(text)).toContain(redacted);
        },
      ),
    );
  });

  it('leaves no known secret in any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.array(fc.string({ unit: 'grapheme' })),
        (values, between) => {
          // What replaces a secret may not contain one, nor complete one together with its neighbours.
          fc.pre(values.every((value) => value.trim() === value && !/[«»]/.test(value)));
          const secrets = knowing(...values);
          const text = between.map((part, i) => part + values[i % values.length]!).join('');
          const clean = secrets.redact(text);
          for (const value of values) if (!redacted.includes(value)) expect(clean).not.toContain(value);
        },
      ),
    );
  });

  it('replaces the longer of two secrets that overlap', () => {
    expect(knowing('abcdefgh', 'abcdefghijkl').redact('abcdefghijkl')).toBe(redacted);
  });

  it('replaces short secrets only where they stand alone', () => {
    expect(knowing('test').redact('test tests "test"')).toBe(`${redacted} tests "${redacted}"`);
    expect(knowing('ab').redact('ab')).toBe('ab');
  });

  it('takes headers apart', () => {
    const secrets = new Secrets();
    secrets.addHeaders({
      Authorization: 'Bearer abcdefghij',
      Cookie: 'theme=x; sid=0123456789abcdef',
      'x-api-key': 'kkkkkkkkkk',
      accept: 'text/event-stream',
    });
    secrets.addHeaders({ authorization: `Basic ${Buffer.from('me:open sesame').toString('base64')}` });
    expect(secrets.redact('abcdefghij 0123456789abcdef kkkkkkkkkk text/event-stream')).toBe(
      `${redacted} ${redacted} ${redacted} text/event-stream`,
    );
    expect(secrets.redact('open sesame')).toBe(redacted);
  });

  it('takes URLs, variables and command lines apart', () => {
    const secrets = new Secrets();
    secrets.addUrl('https://me:hunter2hunter2@example.org/mcp?api_key=qwertyuiop&page=2000000');
    secrets.addEnvironment({
      MY_TOKEN: 'tok-12345678',
      LOG_LEVEL: 'debugdebug',
      AUTH_ENABLED: 'truetrue',
      API_KEY: 'true',
    });
    secrets.addArguments([
      '--api-key',
      'sk-999999999',
      '--token=tt-999999999',
      '--header',
      'X-Auth: xa-99999999',
    ]);
    secrets.addArguments(['run', '-e', 'GITHUB_TOKEN=gh-99999999', 'postgres://u:pgpgpgpgpg@db/x']);
    const said =
      'hunter2hunter2 qwertyuiop 2000000 tok-12345678 debugdebug truetrue true sk-999999999 tt-999999999 xa-99999999 gh-99999999 pgpgpgpgpg';
    expect(secrets.redact(said).replaceAll(redacted, '#')).toBe(
      '# # 2000000 # debugdebug truetrue true # # # # #',
    );
  });

  it('takes the members of JSON apart, however deep, and leaves templates and harmless names', () => {
    const secrets = new Secrets();
    let deep: unknown = { password: 'deepdeepdeep' };
    for (let i = 0; i < 20; i++) deep = [deep];
    secrets.addMembers({
      password: 'hunter2hunter2',
      api_key: ['kk-1234567'],
      token: '{{uuid}}',
      page: 'p-1234567',
    });
    secrets.addMembers(deep);
    expect(secrets.redact('hunter2hunter2 kk-1234567 {{uuid}} p-1234567 deepdeepdeep')).toBe(
      `${redacted} ${redacted} {{uuid}} p-1234567 ${redacted}`,
    );
    let endless: unknown[] = [];
    const ring = endless;
    for (let i = 0; i < 100_000; i++) endless = [endless];
    ring.push(endless);
    expect(() => {
      secrets.addMembers(endless);
    }).not.toThrow();
  });

  it('leaves no beginning of a secret where a text was cut', () => {
    const secret = 'hunter2hunter2hunter2';
    for (let shown = 4; shown < secret.length; shown++) {
      expect(knowing(secret).redact(`no: ${secret.slice(0, shown)}… and x`)).toBe(`no: ${redacted}… and x`);
    }
    expect(knowing(secret).redact('a hunt is on… hunter')).toBe('a hunt is on… hunter');
  });

  it('removes what stands where credentials stand, even unknown', () => {
    const secrets = new Secrets();
    expect(secrets.redact('GET http://u:pw@h/p?access_token=zz&x=1')).toBe(
      `GET http://${redacted}@h/p?access_token=${redacted}&x=1`,
    );
    expect(secrets.redact('{"Authorization":"Bearer zzz"}')).toBe(`{"Authorization":"Bearer ${redacted}"}`);
    expect(secrets.redact('authorization: zzz')).toBe(`authorization: ${redacted}`);
    expect(secrets.redact('see http://example.org:80/a@b')).toBe('see http://example.org:80/a@b');
  });

  it('copies plain data without its secrets', () => {
    const data = { url: 'http://h/?token=abc', list: ['abcdefghij', 1, null], abcdefghij: true };
    expect(knowing('abcdefghij').redactJson(data)).toEqual({
      url: `http://h/?token=${redacted}`,
      list: [redacted, 1, null],
      [redacted]: true,
    });
    expect(data.list[0]).toBe('abcdefghij');
  });
});
