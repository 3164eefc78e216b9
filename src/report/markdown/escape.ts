import { printableLine } from '../../core/index.js';

/**
 * Text as GitHub shows it letter by letter: no markup, no HTML, no link, no mention of a person, no reference to an
 * issue. Names and messages come from servers, and the comment is posted with someone's rights.
 */
export function plain(text: string, maxLength = 300): string {
  return (
    printableLine(text, maxLength)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/[\\`*_{}[\]()|~!#$]/g, '\\$&')
      // A word joiner is invisible, and ends what GitHub would take for a mention, a reference, or an address.
      .replace(/@(?=[\w-])/g, '@\u2060')
      .replace(/#(?=\d)/g, '#\u2060')
      .replace(/\b(GH)-(?=\d)/gi, '$1-\u2060')
      .replaceAll('://', ':\u2060//')
      .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}\u2060.`)
      .replace(/^([-+]|\d+[.])(?=\s)/, '\\$1')
  );
}

/** Text as a code span that nothing in it can end; a bar is escaped, since tables split on it even in code. */
export function code(text: string, maxLength = 200): string {
  const line = printableLine(text, maxLength);
  if (line === '') return '';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line.replaceAll('|', '\\|')}${pad}${fence}`;
}

/** A table; the cells are Markdown already. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (right.includes(i) ? '---:' : '---'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** A closed block that opens on a click. */
export function details(title: string, body: string): string {
  return `<details><summary>${plain(title)}</summary>\n\n${body}\n\n</details>`;
}
