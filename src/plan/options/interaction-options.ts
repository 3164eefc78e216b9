import { option } from './option.js';
import { flag } from './value-type.js';

/** What calls tell the server that it may do while they are under way. */
export const interactionOptions = {
  progress: option({
    flag: 'progress',
    type: flag,
    default: false,
    help: 'ask for progress in every call, and measure it',
    group: 'Load',
    commands: ['test', 'load'],
  }),
};
