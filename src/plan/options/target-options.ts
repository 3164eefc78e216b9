import { option, type CommandName } from './option.js';
import { choice, duration, flag, many, text } from './value-type.js';

const targeted: readonly CommandName[] = ['test', 'load', 'tools', 'call'];
const connecting: readonly CommandName[] = [...targeted, 'compare'];
const nameValue = { match: /^[A-Za-z_][A-Za-z0-9_.-]*=/, expected: 'NAME=VALUE' };
const headerForm = { match: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*:/, expected: "a header such as 'Name: value'" };

/** The revisions of the protocol that `--protocol` takes. */
export const protocolVersions = [
  '2024-11-05',
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
  '2026-07-28',
] as const;

/** What to measure and how to be let in. */
export const targetOptions = {
  mcpConfig: option({
    flag: 'mcp-config',
    type: text('FILE'),
    help: 'take the target from an mcp.json of any client',
    group: 'Target',
    commands: targeted,
    shownBy: targeted,
  }),
  server: option({
    flag: 'server',
    type: text('NAME'),
    help: 'the server of that file; `all`: each in turn',
    group: 'Target',
    commands: targeted,
    shownBy: targeted,
  }),
  header: option<string[]>({
    flag: 'header',
    short: 'H',
    type: many(text("'N: V'", headerForm)),
    help: 'send this HTTP header (repeatable)',
    group: 'Target',
    commands: connecting,
    shownBy: targeted,
    secret: true,
  }),
  bearer: option({
    flag: 'bearer',
    type: text('TOKEN'),
    help: 'send this bearer token',
    group: 'Target',
    commands: connecting,
    shownBy: targeted,
    secret: true,
  }),
  bearerCommand: option({
    flag: 'bearer-command',
    type: text('CMD'),
    help: 'send what this prints as bearer; again on 401',
    group: 'Target',
    commands: connecting,
  }),
  oauthTokenUrl: option({
    flag: 'oauth-token-url',
    type: text('URL', { match: /^https?:\/\/./, expected: 'an http(s) URL' }),
    help: 'where OAuth tokens are; else the server is asked',
    group: 'Target',
    commands: connecting,
  }),
  oauthClientId: option({
    flag: 'oauth-client-id',
    type: text('ID'),
    help: 'get tokens by OAuth client credentials',
    group: 'Target',
    commands: connecting,
  }),
  oauthClientSecret: option({
    flag: 'oauth-client-secret',
    type: text('SECRET'),
    help: 'its secret; better in the environment',
    group: 'Target',
    commands: connecting,
    secret: true,
  }),
  oauthScope: option({
    flag: 'oauth-scope',
    type: text('SCOPES'),
    help: 'the scopes to ask for, separated by spaces',
    group: 'Target',
    commands: connecting,
  }),
  protocol: option({
    flag: 'protocol',
    type: choice(['auto', ...protocolVersions], 'REV'),
    default: 'auto',
    help: 'revision: auto, 2024-11-05 … 2026-07-28',
    group: 'Target',
    commands: connecting,
    shownBy: ['tools', 'call'],
  }),
  env: option<string[]>({
    flag: 'env',
    type: many(text('NAME=V', nameValue)),
    help: 'set a variable of the command (repeatable)',
    group: 'Target',
    commands: connecting,
    secret: true,
  }),
  cwd: option({
    flag: 'cwd',
    type: text('DIR'),
    help: 'start the command in this directory',
    group: 'Target',
    commands: connecting,
  }),
  startTimeout: option({
    flag: 'start-timeout',
    type: duration({ min: 1 }),
    default: 30_000,
    help: 'how long start and handshake may take',
    group: 'Target',
    commands: connecting,
  }),
  insecure: option({
    flag: 'insecure',
    type: flag,
    default: false,
    help: 'accept any TLS certificate',
    group: 'Target',
    commands: connecting,
  }),
  ca: option({
    flag: 'ca',
    type: text('FILE'),
    help: 'trust the certificates of this PEM file',
    group: 'Target',
    commands: connecting,
  }),
  pid: option({
    flag: 'pid',
    type: text('PID', { match: /^(auto|none|[1-9]\d*)$/, expected: 'auto, none or a process id' }),
    default: 'auto',
    help: 'what to watch; auto finds local ones',
    group: 'Target',
    commands: ['test', 'load'],
  }),
  metricsUrl: option({
    flag: 'metrics-url',
    type: text('URL', { match: /^https?:\/\/[^/@]+(\/|$)/, expected: 'an http(s) URL without a user' }),
    help: 'watch a remote target at its Prometheus endpoint',
    group: 'Target',
    commands: ['test', 'load'],
  }),
};
