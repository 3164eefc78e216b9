import { option } from './option.js';
import { choice, integer } from './value-type.js';

/** Whose session a call uses, and for how long. */
export const sessionOptions = {
  session: option({
    flag: 'session',
    type: choice(['shared', 'per-vu', 'per-call', 'churn', 'abandoned'], 'MODE'),
    default: 'shared',
    help: 'shared, per-vu, per-call, churn, …',
    group: 'Load',
    commands: ['load', 'compare'],
    shownBy: ['load'],
  }),
  sessionCalls: option({
    flag: 'session-calls',
    type: integer({ min: 1, max: 1_000_000_000 }),
    default: 10,
    help: '--session churn: calls in each session',
    group: 'Load',
    commands: ['load', 'compare'],
  }),
};
