import type { RunResult } from '../core/index.js';

/** The RunResult itself, indented, as `dyno.run/1`. */
export function runJson(run: RunResult): string {
  return `${JSON.stringify(run, null, 2)}\n`;
}
