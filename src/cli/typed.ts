import type { CommandContext } from './command.js';

/**
 * What would have to be typed to measure the same again, word for word: variables that set options or limits, the
 * command, and its arguments. Still to be redacted.
 */
export function commandLineOf({
  command,
  args,
  io,
}: Pick<CommandContext, 'command' | 'args' | 'io'>): string[] {
  const variables = Object.entries(io.env)
    .filter(([name, value]) => value !== undefined && /^(DYNO|PERF)_[A-Z0-9_]+$/.test(name))
    .map(([name, value]) => `${name}=${value!}`)
    .sort();
  return [...variables, 'dyno', command, ...args];
}
