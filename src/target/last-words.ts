import { lastLines, redact } from '../core/index.js';

/** The end of a server's stderr, for people; undefined where there is nothing. */
export function lastWords(stderr: string): string | undefined {
  const lines = lastLines(redact(stderr), 10, 200);
  if (lines.length === 0) return undefined;
  return lines.length === 1
    ? `Its last words on stderr: ${lines[0]!}`
    : `Its last words on stderr:\n${lines.map((line) => `        ${line}`).join('\n')}`;
}
