import { usageError, type JsonObject } from '../core/index.js';
import {
  applySettings,
  clearConditions,
  networkProfile,
  networkProfiles,
  networkSettings,
  readAddress,
  settingFlag,
  type NetworkConditions,
} from '../network/index.js';
import { runPipeProxy } from './proxy/pipe-proxy.js';
import { runTcpProxy } from './proxy/tcp-proxy.js';
import { ownArguments, type Given, type OwnOption, type OwnUsage } from './stored/own-options.js';

const ownFlags: Record<string, OwnOption> = {
  listen: { value: '[HOST:]PORT', help: 'where clients connect; 0: any free port' },
  upstream: { value: 'HOST:PORT', help: 'the server behind it; a URL will do' },
  network: { value: 'PROFILE', help: 'start from a named network' },
  api: { value: 'PORT', help: 'serve control over HTTP on loopback' },
  record: { value: 'FILE', help: 'write the requests that pass, for dyno load --replay' },
  seed: { value: 'N', help: 'fixes jitter, stalls and resets (default 1)' },
};

const settingFlags: Record<string, OwnOption> = Object.fromEntries(
  networkSettings.map((setting) => [
    settingFlag(setting).slice(2),
    { value: setting.placeholder, help: setting.help },
  ]),
);

const usage: OwnUsage = {
  name: 'proxy',
  usage: [
    'dyno proxy --listen PORT --upstream HOST:PORT [options]   HTTP and HTTPS',
    'dyno proxy [options] -- COMMAND [ARGS…]                   stdio',
  ],
  options: { ...ownFlags, ...settingFlags },
};

/** `dyno proxy`: a network between any client and server. */
export const proxyCommand = {
  /** @throws DynoError: 104 for a wrong option or a port in use, 111 where the command cannot be started. */
  async run(args: readonly string[]): Promise<void> {
    const dashes = args.indexOf('--');
    const own = withSigns(dashes === -1 ? args : args.slice(0, dashes));
    const command = dashes === -1 ? undefined : args.slice(dashes + 1);
    if (own.includes('--help') || own.includes('-h')) {
      process.stdout.write(help());
      return;
    }
    const given = ownArguments(usage, own)!;
    if (given.words.length > 0) {
      throw usageError(
        `dyno proxy does not know what to do with '${given.words[0]!.slice(0, 60)}'`,
        'The server is named with --upstream HOST:PORT, or started by a command after --.',
      );
    }
    const conditions = conditionsOf(given);
    const seed = seedOf(given);
    if (command !== undefined) {
      refuse(given, ['listen', 'upstream', 'api'], 'is only for servers over HTTP, not for a start command');
      if (command.length === 0)
        throw usageError('Expected a command after --', 'Such as: dyno proxy -- node server.js');
      await runPipeProxy({ command, conditions, seed, record: given.one('record') });
      return;
    }
    const [listen, upstream] = [given.one('listen'), given.one('upstream')];
    if (listen === undefined || upstream === undefined) {
      throw usageError(
        `dyno proxy needs ${listen === undefined ? '--listen PORT' : '--upstream HOST:PORT'}`,
        'Such as: dyno proxy --listen 9000 --upstream 127.0.0.1:3000 --latency 50ms, or a start command after --.',
      );
    }
    await runTcpProxy({
      listen: readAddress(listen, '--listen', { zero: true }),
      upstream: readAddress(upstream, '--upstream'),
      conditions,
      seed,
      record: given.one('record'),
      api: given.has('api') ? readAddress(given.one('api')!, '--api', { zero: true }).port : undefined,
    });
  },
};

function conditionsOf(given: Given): NetworkConditions {
  const name = given.one('network');
  const base = name === undefined ? clearConditions() : networkProfile(name).conditions;
  const values: JsonObject = {};
  for (const setting of networkSettings) {
    const text = given.one(settingFlag(setting).slice(2));
    if (text !== undefined) values[setting.name] = text;
  }
  return applySettings(base, values, settingFlag);
}

/** `--latency -5ms` is a wrong value, not two options. */
function withSigns(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1);
    if (/^-[\d.]/.test(arg) && last !== undefined && /^--[^=]+$/.test(last)) {
      joined[joined.length - 1] = `${last}=${arg}`;
    } else {
      joined.push(arg);
    }
  }
  return joined;
}

function seedOf(given: Given): number {
  const text = given.one('seed') ?? '1';
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usageError(`Expected --seed to be a whole number from 0, got '${text.slice(0, 60)}'`);
}

function refuse(given: Given, names: readonly string[], because: string): void {
  const found = names.find((name) => given.has(name));
  if (found !== undefined) throw usageError(`--${found} ${because}`);
}

function help(): string {
  const sided = new Set(
    networkSettings
      .filter(({ name }) => /(Up|Down)$/.test(name))
      .map(({ name }) => name.replace(/(Up|Down)$/, '')),
  );
  const rows: [string, string][] = [
    ...Object.entries(ownFlags).map(([flag, { value, help: text }]): [string, string] => [
      `--${flag} ${value ?? ''}`,
      text,
    ]),
    ...networkSettings
      .filter(({ name }) => !/(Up|Down)$/.test(name))
      .map((setting): [string, string] => [
        `${settingFlag(setting)} ${setting.placeholder}${sided.has(setting.name) ? ' *' : ''}`,
        setting.help,
      ]),
  ];
  const width = Math.max(...rows.map(([left]) => left.length));
  const names = Math.max(...networkProfiles.map(({ name }) => name.length));
  return `${[
    'dyno proxy: a network between any client and server, as bad as you like',
    '',
    'Usage:',
    ...usage.usage.map((line) => `  ${line}`),
    '',
    'Options:',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    '* also for one direction: --latency-up (client to server), --latency-down, …',
    '',
    'Networks:',
    ...networkProfiles.map(({ name, what }) => `  ${name.padEnd(names)}  ${what}`),
    '',
    'Example:',
    '  dyno proxy --listen 9000 --upstream 127.0.0.1:3000 --latency 50ms --jitter 10ms',
  ].join('\n')}\n`;
}
