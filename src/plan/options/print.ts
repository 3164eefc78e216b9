import type { CommandName } from './option.js';
import type { MergedSettings, Origin } from './merge.js';
import { optionsOf } from './table.js';
import type { ValueType } from './value-type.js';

/** One line of `--print-config`. */
export interface PrintedSetting {
  key: string;
  value: string;
  origin: string;
}

/** An origin for people. */
export function showOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'config':
      return origin.place;
    case 'environment':
    case 'flag':
      return origin.name;
  }
}

/** Every setting of a command with its value, as one would type it, and its origin; secrets redacted. */
export function printedSettings(
  command: CommandName,
  { settings, origins }: MergedSettings,
): PrintedSetting[] {
  return optionsOf(command)
    .filter(([, spec]) => !spec.flagOnly)
    .map(([key, spec]) => {
      const value = settings[key] as unknown;
      const type = spec.type as ValueType<unknown>;
      const text = value === undefined ? '–' : spec.secret ? '[redacted]' : type.show(value);
      return { key, value: text, origin: showOrigin(origins[key]) };
    });
}
