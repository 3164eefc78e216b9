/** The reference server: a made-up inventory with knobs of known truth, which counts itself what it did. */
export { knobTable } from './knobs/knob-table.js';
export type { KnobOption } from './knobs/knob-option.js';
export type { StreamTruthStats } from './counting/stream-truth.js';
export { badOutcomes, defaultKnobs, type BadOutcome, type ReferenceKnobs } from './knobs/knobs.js';
export { checkKnobs } from './knobs/check-knobs.js';
export type { PublishedHistogram } from './counting/fine-histogram.js';
export type { TruthStats } from './counting/truth.js';
export { createReferenceServer, type ReferenceServer } from './reference-server.js';
export { runReference } from './run-reference.js';
export { serveReference, type ReferenceServing } from './serve-reference.js';
export { tickUri } from './ticks.js';
export { madeTools } from './tools/made-tools.js';
export { statsUri } from './tools/truth-tools.js';
