import type { PairedProgress } from '../../suite/compare/index.js';
import type { CommandContext } from '../command.js';

/** The view while pairs are run. */
export interface ProgressView {
  update(progress: PairedProgress): void;
  line(text: string): void;
  stop(): void;
}

/** A placeholder until drawn. */
export function progressView({ io, settings }: CommandContext): ProgressView {
  return {
    update: () => undefined,
    line: (text) => {
      if (!settings.quiet) io.stderr.write(`${text}\n`);
    },
    stop: () => undefined,
  };
}
