import { printableLine } from '../../core/index.js';
import type { RecordingSummary } from '../../network/index.js';

/** What was recorded, and what could not be. */
export function recordedSentence({ requests, unreadable }: RecordingSummary, file: string): string {
  const what = `recorded ${requests} request${requests === 1 ? '' : 's'} in ${printableLine(file, 200)}`;
  if (unreadable === 0) return what;
  return `${what}; ${unreadable} connections were no plain HTTP (TLS passes through unread), so nothing of them is in it`;
}
