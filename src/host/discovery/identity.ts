import { printableLine } from '../../core/printable.js';

/**
 * The identity of a tool: `server/name`, with `%` and `/` of the server's part percent-encoded, so that two different
 * pairs never share one.
 */
export function toolId(server: string, name: string): string {
  return `${server.replace(/[%/]/g, encodeURIComponent)}/${name}`;
}

/** The pair behind a {@link toolId}. Undefined for a text that is none. */
export function parseToolId(id: string): { server: string; name: string } | undefined {
  const slash = id.indexOf('/');
  if (slash < 0) return undefined;
  return { server: id.slice(0, slash).replace(/%(25|2F)/g, decodeURIComponent), name: id.slice(slash + 1) };
}

/** Name and server for people: printable, bounded. */
export function toolLabel(server: string, name: string): string {
  return `${printableLine(name, 80) || '(unprintable name)'} of ${printableLine(server, 60)}`;
}

/** What is odd about a name: neither reason makes it unusable, both are worth showing to whoever approves calls. */
export function nameWarnings(name: string): string[] {
  const warnings: string[] = [];
  if (/[\p{C}\u2028\u2029]/u.test(name)) warnings.push('The name has control or invisible characters');
  if (
    /\p{Script=Latin}/u.test(name) &&
    /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Cherokee}]/u.test(name)
  ) {
    warnings.push('The name mixes Latin letters with look-alikes of another script');
  } else if (/[０-９Ａ-Ｚａ-ｚ\u{1d400}-\u{1d7ff}]/u.test(name)) {
    warnings.push('The name has letters that only look like ASCII');
  }
  if (/[/\\]|\.\./.test(name)) warnings.push('The name looks like a path');
  if (/[<>]/.test(name)) warnings.push('The name has markup characters');
  return warnings;
}
