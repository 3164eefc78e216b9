import { LineCounter, parseDocument } from 'yaml';
import { messageOf, usageError } from '../../core/index.js';

/**
 * Reads one YAML document (1.2, core schema).
 *
 * @throws DynoError (104) with file, line, column and what was expected.
 */
export function parseYaml(text: string, file: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, version: '1.2' });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw usageError(`${file}:${line}:${col}: Expected YAML: ${error.message}`);
  }
  try {
    // Few enough that aliases of aliases cannot fill the memory.
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (cause) {
    throw usageError(`${file}: Expected YAML: ${messageOf(cause)}`, undefined, cause);
  }
}
