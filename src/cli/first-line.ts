import { printableLine, redact, secrets } from '../core/index.js';
import { version } from '../core/version.js';
import type { CommandContext } from './command.js';
import { nameTarget } from './words.js';

/** Says at once that dyno is at work and on what, before anything large is loaded or anything is started. */
export function firstLine(context: CommandContext): void {
  const { settings, io, config } = context;
  if (settings.quiet || settings.list || settings.explain !== undefined) return;
  const { target } = nameTarget(context);
  io.stderr.write(redact(`mcp-dyno ${version}  ·  ${printableLine(wordsOf(target, config), 300)}\n`));
}

function wordsOf(target: ReturnType<typeof nameTarget>['target'], config: CommandContext['config']): string {
  if (target.kind === 'command') {
    secrets.addArguments(target.command);
    return target.command.join(' ');
  }
  if (target.kind === 'url') {
    secrets.addUrl(target.url);
    return target.url;
  }
  if (config?.target?.kind === 'url') return wordsOf({ kind: 'url', url: config.target.url }, undefined);
  if (config?.target?.kind === 'command') {
    return wordsOf({ kind: 'command', command: [config.target.command, ...config.target.args] }, undefined);
  }
  return 'the bundled reference server';
}
