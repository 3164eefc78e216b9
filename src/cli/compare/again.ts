import { flagNames, isMany, optionsOf, type AnyOption, type ValueType } from '../../plan/options/index.js';
import type { CommandContext } from '../command.js';

/** Where results went is not part of what was measured. */
const elsewhere = ['json', 'out', 'runDir', 'summary', 'quiet', 'tui', 'color', 'logLevel', 'logFormat'];

/** The words that compare the same again: both sides, and every option that was given; secrets are left out. */
export function againWords(
  { settings, origins, command }: CommandContext,
  sides: { a: string; b: string },
): string[] {
  const given = optionsOf(command).filter(
    ([key, spec]) =>
      origins[key].kind !== 'default' &&
      !spec.secret &&
      !spec.flagOnly &&
      key !== 'config' &&
      !elsewhere.includes(key),
  );
  const options = given.flatMap(([key, spec]) => wordsOf(spec, settings[key]));
  return ['dyno', command, '--a', sides.a, '--b', sides.b, ...options];
}

function wordsOf(spec: AnyOption, value: unknown): string[] {
  const flag = `--${flagNames(spec)[0]!}`;
  if (typeof value === 'boolean') return value ? [flag] : [];
  if (isMany(spec.type)) {
    const one = spec.type.one as ValueType<unknown>;
    return (value as unknown[]).flatMap((item) => [flag, one.show(item)]);
  }
  return [flag, (spec.type as ValueType<unknown>).show(value)];
}
