import type { PlainAnswer } from './http-lane.js';

/** How long the server may take to end a session, ms. */
export const endingMs = 2000;

/** Whether a DELETE was answered so that the session is ended; 405 says that clients may not end sessions. */
export function endedSession({ status, error }: PlainAnswer): boolean {
  return error === undefined && status >= 200 && status < 300;
}
