import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { DynoError, redact } from '../../core/index.js';
import { parseTargets } from '../parse-targets.js';
import { expandVariables } from './expand-variables.js';
import { chooseServers, readMcpConfig, type McpConfigOptions } from './read-mcp-config.js';

const folder = mkdtempSync(join(tmpdir(), 'dyno-mcp-config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, content: unknown) => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const only = (content: unknown, options: McpConfigOptions = {}, name = '.mcp.json') =>
  chooseServers(readMcpConfig(write(name, content), { env: {}, ...options }), undefined)[0]!;
const failure = (run: () => unknown): DynoError => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DynoError);
    expect((error as DynoError).exitCode).toBe(104);
    return error as DynoError;
  }
  return expect.fail('it was accepted');
};

describe('the dialects', () => {
  it('Claude Desktop', () => {
    const file = {
      mcpServers: {
        filesystem: {
          command: 'npx',
          args: ['-y', '@modelcontextprotocol/server-filesystem', '/tmp'],
          env: { DEBUG: '1' },
        },
      },
    };
    expect(only(file, {}, 'claude_desktop_config.json').target()).toEqual({
      kind: 'stdio',
      command: 'npx',
      args: ['-y', '@modelcontextprotocol/server-filesystem', '/tmp'],
      env: { DEBUG: '1' },
      cwd: folder,
    });
  });

  it('Claude Code: variables with and without default, headers', () => {
    const file = {
      mcpServers: {
        api: {
          type: 'http',
          url: '${API_URL:-https://api.example.com}/mcp',
          headers: { Authorization: 'Bearer ${API_KEY}', 'X-Empty': '${EMPTY:-filled}' },
        },
      },
    };
    expect(only(file, { env: { API_KEY: 'key-abcdefgh', EMPTY: '' } }).target()).toEqual({
      kind: 'http',
      url: 'https://api.example.com/mcp',
      headers: { Authorization: 'Bearer key-abcdefgh', 'X-Empty': 'filled' },
    });
    expect(redact('sent key-abcdefgh')).toBe('sent «redacted»');
  });

  it('Cursor: ${env:X}, folders, in .cursor/', () => {
    const file = {
      mcpServers: {
        local: {
          command: 'python',
          args: ['${workspaceFolder}/server.py', '${userHome}', '${workspaceFolderBasename}${/}x'],
          env: { KEY: '${env:MY_KEY}' },
        },
      },
    };
    expect(only(file, { env: { MY_KEY: 'v' } }, 'project/.cursor/mcp.json').target()).toEqual({
      kind: 'stdio',
      command: 'python',
      args: [join(folder, 'project/server.py'), homedir(), 'project/x'],
      env: { KEY: 'v' },
      cwd: join(folder, 'project'),
    });
  });

  it('VS Code: servers, inputs, envFile, comments and trailing commas', () => {
    write('code/.env', '# a comment\nFROM_FILE="one two"\nBOTH=file\n');
    const file = `{
      // asked for by the editor
      "inputs": [
        { "id": "key", "type": "promptString", "password": true, "description": "API key" },
        { "id": "level", "type": "pickString", "options": ["low", "high"], "default": "low", },
      ],
      "servers": {
        "mine": {
          "type": "stdio", "command": "node", "args": ["s.js", "--level", "\${input:level}"],
          "envFile": "\${workspaceFolder}/.env", "cwd": "sub",
          "env": { "API_KEY": "\${input:key}", "BOTH": "entry", "PORT": 80, "UNSET": null },
        },
      },
    }`;
    const server = only(file, { inputs: { key: 'typed-secret-1' } }, 'code/.vscode/mcp.json');
    expect(server.target()).toEqual({
      kind: 'stdio',
      command: 'node',
      args: ['s.js', '--level', 'low'],
      env: { FROM_FILE: 'one two', BOTH: 'entry', API_KEY: 'typed-secret-1', PORT: '80', UNSET: '' },
      cwd: join(folder, 'code/sub'),
    });
    expect(redact('typed-secret-1')).toBe('«redacted»');
    const asking = only(file, {}, 'code/.vscode/mcp.json');
    expect(asking.missingInputs).toEqual([{ id: 'key', password: true, description: 'API key' }]);
    expect(failure(() => asking.target())).toMatchObject({
      message: `env.API_KEY of server 'mine' in ${join(folder, 'code/.vscode/mcp.json')} needs a value for the input 'key' (API key)`,
      hint: 'Set DYNO_INPUT_KEY.',
    });
    const given = only(file, { env: { DYNO_INPUT_KEY: 'from-variable' } }, 'code/.vscode/mcp.json');
    expect(given.missingInputs).toEqual([]);
    expect(given.target()).toMatchObject({ env: { API_KEY: 'from-variable' } });
    const wrong = only(file, { inputs: { key: 'k', level: 'hgih' } }, 'code/.vscode/mcp.json');
    expect(failure(() => wrong.target())).toMatchObject({
      message: expect.stringContaining("one of low, high, got 'hgih'") as string,
      hint: "Did you mean 'high'?",
    });
  });

  it('VS Code settings, with the servers under mcp', () => {
    const file = { 'editor.tabSize': 2, mcp: { inputs: [], servers: { s: { url: 'http://h/' } } } };
    expect(only(file).target()).toMatchObject({ kind: 'http', url: 'http://h/' });
  });

  it.each([
    [{ url: 'http://h/mcp' }, { kind: 'http', url: 'http://h/mcp' }],
    [{ type: 'streamable-http', url: 'http://h/mcp' }, { kind: 'http' }],
    [{ transport: 'streamableHttp', url: 'http://h/mcp' }, { kind: 'http' }],
    [
      { type: 'sse', url: 'https://h/sse' },
      { kind: 'sse', url: 'https://h/sse' },
    ],
    [
      { type: 'stdio', command: 'x' },
      { kind: 'stdio', args: [] },
    ],
  ])('%j', (entry, expected) => {
    expect(only({ mcpServers: { s: entry } }).target()).toMatchObject(expected);
  });
});

describe('choosing servers', () => {
  const three = {
    mcpServers: {
      alpha: { command: 'a' },
      beta: { command: 'b', disabled: true },
      gamma: { command: '${NO_SUCH}' },
    },
  };
  const names = (name?: string) =>
    chooseServers(readMcpConfig(write('three.json', three), { env: {} }), name).map((server) => server.name);

  it('takes the one named, disabled or not, or all that are enabled', () => {
    expect(names('beta')).toEqual(['beta']);
    expect(names('all')).toEqual(['alpha', 'gamma']);
  });

  it('says what there is when none or an unknown one is named', () => {
    expect(failure(() => names())).toMatchObject({
      message: `${join(folder, 'three.json')} names several servers: alpha, beta, gamma`,
    });
    expect(failure(() => names('gama'))).toMatchObject({
      message: `There is no server 'gama' in ${join(folder, 'three.json')}; there is alpha, beta, gamma`,
      hint: "Did you mean 'gamma'?",
    });
    const none = write('none.json', { mcpServers: {} });
    expect(failure(() => chooseServers(readMcpConfig(none), 'all')).message).toBe(`${none} names no server`);
    const off = write('off.json', { mcpServers: { x: { command: 'x', disabled: true } } });
    expect(failure(() => chooseServers(readMcpConfig(off), undefined)).message).toBe(
      `Every server of ${off} is disabled: x`,
    );
  });

  it('lets one broken server not keep the others from being used', () => {
    const config = readMcpConfig(write('three.json', three), { env: { NO_SHUCH: '' } });
    expect(chooseServers(config, 'alpha')[0]!.target()).toMatchObject({ command: 'a' });
    expect(failure(() => chooseServers(config, 'gamma')[0]!.target())).toMatchObject({
      message: `command of server 'gamma' in ${join(folder, 'three.json')} needs the environment variable NO_SUCH, which is not set`,
      hint: "Did you mean 'NO_SHUCH'?",
    });
  });

  it('makes targets of them, with what the command line adds', () => {
    const file = write('mixed.json', {
      servers: {
        web: { url: 'http://h/', headers: { AUTHORIZATION: 'old', 'X-A': '1' } },
        cmd: { command: 'c', env: { A: '1', B: '2' } },
      },
    });
    const words = {
      mcpConfig: file,
      server: 'all',
      headers: { 'x-a': '2' },
      env: { B: '3' },
      auth: { kind: 'bearer', token: 'ttttttttt' } as const,
    };
    expect(parseTargets(words, { env: {} })).toEqual([
      { name: 'web', spec: { kind: 'http', url: 'http://h/', headers: { 'x-a': '2' }, auth: words.auth } },
      { name: 'cmd', spec: { kind: 'stdio', command: 'c', args: [], env: { A: '1', B: '3' }, cwd: folder } },
    ]);
    expect(failure(() => parseTargets({ ...words, url: 'http://x/' })).message).toMatch(
      /one target, got 'http:\/\/x\/' and the file/,
    );
    expect(failure(() => parseTargets({ server: 'x' })).message).toMatch(
      /Expected --mcp-config with --server 'x'/,
    );
    expect(parseTargets({ url: 'http://x/' })).toEqual([
      { name: undefined, spec: { kind: 'http', url: 'http://x/', headers: {} } },
    ]);
  });
});

describe('what is wrong with a file is told by file, server and field', () => {
  it.each<[unknown, RegExp, string?]>([
    [
      '{ "mcpServers": { "a": { "command": "x" } "b" } }',
      /\.mcp\.json:1:43: Expected , or } after the value/,
    ],
    ['[]', /Expected .* to hold an object with mcpServers or servers/],
    [{}, /to have mcpServers or servers, got nothing/],
    [{ mcpServer: {} }, /got mcpServer/, "Did you mean 'mcpServers'?"],
    [{ servers: [] }, /Expected the servers of .* to be an object/],
    [{ servers: { s: 'x' } }, /Expected server 's' in .* to be an object, got "x"/],
    [{ servers: { s: {} } }, /to name a command or a url, got nothing/],
    [{ servers: { s: { args: [] } } }, /to name a command or a url, got only args/],
    [
      { servers: { s: { type: 'htp', url: 'http://h/' } } },
      /type of server 's' in .* to be stdio, http, streamable-http or sse, got "htp"/,
      "Did you mean 'http'?",
    ],
    [{ servers: { s: { type: 'stdio', url: 'http://h/' } } }, /to name a command, got only type, url/],
    [{ servers: { s: { type: 'sse', command: 'x' } } }, /to name a url, got only type, command/],
    [{ servers: { s: { command: 'x', args: 'y' } } }, /args of server 's' in .* to be a list, got "y"/],
    [{ servers: { s: { command: 'x', args: [{}] } } }, /args\[0\] of server 's' in .* to be text, got {}/],
    [{ servers: { s: { command: 'x', env: [] } } }, /env of server 's' in .* to be an object of texts/],
    [
      { servers: { s: { command: 'x', envFile: 'gone' } } },
      /envFile of server 's' in .* cannot be read: ENOENT/,
    ],
    [{ servers: { s: { url: 'nonsense' } } }, /server 's' in .*: Expected the target to be a URL/],
    [{ servers: { s: { command: '${command:pick}' } } }, /uses \${command:pick}, which is not known here/],
    [
      { servers: { s: { command: '${input:who}' } }, inputs: [{ id: 'whom' }] },
      /needs a value for the input 'who'/,
      "Did you mean 'whom'?",
    ],
  ])('%j', (content, message, hint) => {
    const error = failure(() => only(content).target());
    expect(error.message).toMatch(message);
    if (hint !== undefined) expect(error.hint).toBe(hint);
  });

  it('and what is no file', () => {
    expect(failure(() => readMcpConfig(join(folder, 'gone.json'))).message).toMatch(
      /There is no file '.*gone.json'/,
    );
    expect(failure(() => readMcpConfig(folder)).message).toMatch(/to be a file, it is a folder/);
  });
});

describe('variables', () => {
  const sources = { env: { A: '${B}', B: 'b' }, inputs: {}, knownInputs: [], workspaceFolder: '/w' };

  it('are filled in once', () => {
    expect(expandVariables('${A} ${B} $B ${X:-${B} $', 'x', sources)).toBe('${B} b $B ${B $');
  });

  it('leave text without any as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('${')),
        (text) => {
          expect(expandVariables(text, 'x', sources)).toBe(text);
        },
      ),
    );
  });
});
