// The ranges are the point here: C0 (but tab and line feed), DEL, C1, bidirectional overrides, line separators.
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
// CSI and two-character escapes, OSC and the like up to their terminator (ECMA-48).
const escapes =
  // eslint-disable-next-line no-control-regex
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]*[0-~])/g;

/**
 * Text of a server made fit for a terminal or a log: escape sequences and control characters are gone, carriage
 * returns became line feeds, tabs and line feeds stay.
 */
export function printable(text: string): string {
  return text.replace(escapes, '').replace(/\r\n?/g, '\n').replace(control, '');
}

/** {@link printable} in one line, white space collapsed, cut to `maxLength` characters with `…` at the end. */
export function printableLine(text: string, maxLength = 200): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}

/**
 * The last `count` lines that are not empty, each made {@link printable} and cut to `maxLength` characters; for the end
 * of a server's stderr.
 */
export function lastLines(text: string, count: number, maxLength = 400): string[] {
  return printable(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count)
    .map((line) => (line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`));
}
