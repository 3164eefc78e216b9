/** A value for an error message: as JSON, in one line, without control characters, at most 60 characters of it. */
export function shown(value: unknown): string {
  let text: string;
  if (typeof value === 'string') text = JSON.stringify(value.slice(0, 200));
  else if (typeof value === 'object' && value !== null)
    text = Array.isArray(value) ? 'an array' : 'an object';
  else text = String(value);
  text = text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '?');
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
