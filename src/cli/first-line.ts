import { printableLine, redact, secrets } from '../core/index.js';
import { version } from '../core/version.js';
import type { CommandContext } from './command.js';
import { nameTarget, type MeantTarget } from './words.js';

/** Says at once that dyno is at work and on what, before anything large is loaded or anything is started. */
export function firstLine(context: CommandContext): void {
  const { settings, io } = context;
  if (settings.quiet || settings.list || settings.explain !== undefined) return;
  const { target } = nameTarget(context);
  io.stderr.write(redact(`mcp-dyno ${version}  ·  ${printableLine(wordsOf(target, context), 300)}\n`));
}

function wordsOf(
  target: MeantTarget,
  { config, settings }: Pick<CommandContext, 'config' | 'settings'>,
): string {
  if (target.kind === 'command') {
    secrets.addArguments(target.command);
    return target.command.join(' ');
  }
  if (target.kind === 'url') {
    secrets.addUrl(target.url);
    return target.url;
  }
  if (settings.mcpConfig === undefined && config?.target?.kind === 'url')
    return wordsOf({ kind: 'url', url: config.target.url }, { config, settings });
  if (settings.mcpConfig === undefined && config?.target?.kind === 'command') {
    return wordsOf(
      { kind: 'command', command: [config.target.command, ...config.target.args] },
      { config, settings },
    );
  }
  return settings.mcpConfig ?? 'the bundled reference server';
}
