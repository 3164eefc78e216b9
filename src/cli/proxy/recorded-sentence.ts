import { printableLine } from '../../core/index.js';
import type { RecordingSummary } from '../../network/index.js';

/** What was recorded, and what could not be. */
export function recordedSentence(summary: RecordingSummary, file: string): string {
  const { requests, unreadable, tooDeep } = summary;
  const parts = [`recorded ${requests} request${requests === 1 ? '' : 's'} in ${printableLine(file, 200)}`];
  if (unreadable > 0) {
    parts.push(
      `${unreadable} connections were no plain HTTP (TLS passes through unread), so nothing of them is in it`,
    );
  }
  if (tooDeep > 0) parts.push(`${tooDeep} requests were left out, as their params are nested too deep`);
  return parts.join('; ');
}
