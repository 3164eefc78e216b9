import { printable } from '../../core/index.js';

/**
 * One cell of a CSV (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP,
 * "CSV Injection"): names and messages come from servers. Numbers are written in full, null is empty.
 */
export function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = printable(value).replaceAll('\n', ' ');
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows of cells as a CSV, with CRLF after each (RFC 4180). */
export function csv(rows: Iterable<readonly (string | number | null | undefined)[]>): string {
  let text = '';
  for (const row of rows) text += `${row.map(cell).join(',')}\r\n`;
  return text;
}
