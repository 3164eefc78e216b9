import { option, type KnobOption } from './knob-option.js';
import { readDuration, readShare, readSize, readWhole } from './parse-values.js';

/** Knobs of the streams that clients hold open, and of what is sent on them. */
export const streamKnobs: readonly KnobOption[] = [
  option(
    'streams',
    '--tick-delay <duration>',
    'send the notifications of --tick so much later than their time stamp',
    (k, text, what) => {
      k.tickDelayMs = readDuration(text, what);
    },
  ),
  option(
    'streams',
    '--lose-ticks <share>',
    'do not send this share of them, evenly spread',
    (k, text, what) => {
      k.loseTicks = readShare(text, what);
    },
  ),
  option('streams', '--repeat-ticks <share>', 'send this share of them twice', (k, text, what) => {
    k.repeatTicks = readShare(text, what);
  }),
  option('streams', '--stream-limit <number>', 'streams at once; more get 503', (k, text, what) => {
    k.streamLimit = readWhole(text, what, 0, 1_000_000);
  }),
  option(
    'streams',
    '--stream-idle <duration>',
    'end a stream that had no event for so long',
    (k, text, what) => {
      k.streamIdleMs = readDuration(text, what);
    },
  ),
  option('streams', '--stream-life <duration>', 'end a stream that was open for so long', (k, text, what) => {
    k.streamLifeMs = readDuration(text, what);
  }),
  option('streams', '--bytes-per-stream <size>', 'held while a stream is open', (k, text, what) => {
    k.bytesPerStream = readSize(text, what);
  }),
];
