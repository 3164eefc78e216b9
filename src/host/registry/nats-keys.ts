/**
 * A service id as a key of a NATS bucket: `.`, `:` and `@` mean something else there, or nothing, so they are written
 * as `=` and two hexadecimal digits. Ids are ASCII (see {@link checkRegistration}).
 */
export function encodeKey(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, (c) => `=${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The id of a key. */
export function decodeKey(key: string): string {
  return key.replace(/=([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
