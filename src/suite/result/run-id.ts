import { randomBytes } from 'node:crypto';

/** A run's id: the moment it began and four random digits, sortable and fit for a file name. */
export function runId(startedAt: Date): string {
  const moment = startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  return `${moment}-${randomBytes(2).toString('hex')}`;
}
