import { option } from './option.js';
import { integer, many, text } from './value-type.js';

/** Event streams that are held open while the load runs. */
export const streamOptions = {
  streams: option({
    flag: 'streams',
    type: integer({ min: 0, max: 1_000_000 }),
    default: 0,
    help: 'hold so many event streams open meanwhile',
    group: 'Load',
    commands: ['load'],
  }),
  streamResource: option<string[]>({
    flag: 'stream-resource',
    type: many(text('URI|none')),
    help: 'what streams subscribe to (4 of those listed)',
    group: 'Load',
    commands: ['load'],
  }),
};
