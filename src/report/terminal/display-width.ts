/** Code points that take no cell: combining marks, joiners, variation selectors. */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** True for a character that terminals draw two cells wide (Unicode TR11, W and F, and pictographs). */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** How many cells a terminal needs for a text without escape sequences. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    if (!zeroWidth.test(char)) width += isWide(char.codePointAt(0)!) ? 2 : 1;
  }
  return width;
}

/** The text, cut to so many cells with `…` at the end where it is longer. */
export function fit(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  let cut = '';
  let used = 0;
  for (const char of text) {
    const wide = displayWidth(char);
    if (used + wide > width - 1) break;
    cut += char;
    used += wide;
  }
  return `${cut}…`;
}

/** The text with spaces after it, cut or filled to exactly so many cells. */
export function left(text: string, width: number): string {
  const cut = fit(text, width);
  return cut + ' '.repeat(Math.max(0, width - displayWidth(cut)));
}

/** The text with spaces before it, cut or filled to exactly so many cells. */
export function right(text: string, width: number): string {
  const cut = fit(text, width);
  return ' '.repeat(Math.max(0, width - displayWidth(cut))) + cut;
}

/** Lines of at most so many cells, broken between words; a word that is longer is broken itself. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    let rest = word;
    const joined = line === '' ? rest : `${line} ${rest}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    while (displayWidth(rest) > width) {
      const head = [...fit(rest, width + 1)].slice(0, -1).join('');
      if (head === '') break;
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  if (line !== '') lines.push(line);
  return lines;
}
