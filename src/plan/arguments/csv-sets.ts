import { usageError, type Json, type JsonObject } from '../../core/index.js';
import type { Checker } from './checker.js';
import { refuseCount, writtenAt } from './corpus.js';

/** Sets whose values came as text and are still to become what the tool's schema wants. */
const textual = new WeakSet<JsonObject>();

/**
 * One set of arguments per row of a CSV text (RFC 4180); the first row names the arguments. An empty cell leaves its argument
 * out. Values are text until {@link withSchemaTypes}.
 *
 * @throws DynoError (104) that names the line: a row with other columns than the first, a quote that is not closed.
 */
export function csvSets(text: string, file: string): JsonObject[] {
  const [head, ...rows] = records(text.replace(/^\uFEFF/, ''), file);
  if (head === undefined || rows.length === 0) {
    throw usageError(`Expected ${file} to hold a row of names and at least one row of values`);
  }
  const names = head.cells.map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.includes('')) throw usageError(`${file}:1 has a column without a name`);
  if (twice !== undefined) throw usageError(`${file}:1 names the column '${twice}' twice`);
  return rows.map(({ cells, line }) => {
    if (cells.length !== names.length) {
      throw usageError(
        `Expected ${names.length} columns in ${file}:${line}, as in its first line, got ${cells.length}`,
      );
    }
    const set: JsonObject = Object.fromEntries(
      names.map((name, index) => [name, cells[index]!] as const).filter(([, cell]) => cell !== ''),
    );
    textual.add(set);
    return writtenAt(set, { file, line, columns: names });
  });
}

/** A set from a CSV file with numbers, booleans and JSON where the schema wants them; other sets as they are. */
export function withSchemaTypes(set: JsonObject, checker: Checker): JsonObject {
  if (!textual.has(set)) return set;
  const typed: JsonObject = { ...set };
  for (const { instancePath, keyword } of checker.errors(set)) {
    if (keyword !== 'type') continue;
    const name = instancePath.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
    const text = typed[name];
    const value = typeof text === 'string' ? parsed(text) : undefined;
    if (value !== undefined) typed[name] = value;
  }
  return typed;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

interface CsvRecord {
  cells: string[];
  line: number;
}

function records(text: string, file: string): CsvRecord[] {
  const found: CsvRecord[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const record: CsvRecord = { cells: [], line };
    for (;;) {
      const quoted = text[at] === '"';
      const match = quoted ? /"((?:[^"]|"")*)"(?=,|\r?\n|$)/y : /[^,\r\n]*/y;
      match.lastIndex = at;
      const cell = match.exec(text);
      if (cell === null) throw usageError(`${file}:${line} has a quote that is not closed`);
      record.cells.push(quoted ? cell[1]!.replaceAll('""', '"') : cell[0]);
      line += cell[0].split('\n').length - 1;
      at += cell[0].length;
      if (text[at] !== ',') break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    if (record.cells.length > 1 || record.cells[0] !== '') found.push(record);
    refuseCount(found.length - 1, file);
  }
  return found;
}
