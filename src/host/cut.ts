/**
 * The first `length` characters of a text, as a text of its own: what `slice` gives may keep the whole long text in
 * memory behind it (V8's sliced strings).
 */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return Buffer.from(text.slice(0, length), 'utf16le').toString('utf16le');
}
