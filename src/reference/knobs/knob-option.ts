import type { ReferenceKnobs } from './knobs.js';

/** One option of the reference server. */
export interface KnobOption {
  /** Such as `--service-time <duration>`; without a placeholder it is a switch. */
  flags: string;
  /** The group it is shown in. */
  group:
    'transport' | 'time' | 'outcomes' | 'memory and sessions' | 'catalogue and protocol' | 'streams' | 'life';
  description: string;
  /** Sets the knob; `text` is empty for a switch. @throws DynoError (104) for a wrong value. */
  set(knobs: ReferenceKnobs, text: string): void;
}

/** Makes an entry whose `set` is told the flag's name. */
export function option(
  group: KnobOption['group'],
  flags: string,
  description: string,
  set: (knobs: ReferenceKnobs, text: string, what: string) => void,
): KnobOption {
  const name = flags.split(' ')[0]!;
  return {
    flags,
    group,
    description,
    set: (knobs, text) => {
      set(knobs, text, name);
    },
  };
}
