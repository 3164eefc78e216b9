/** Telling people and systems that a run failed or got worse, once for each cause. */
export { alertRun, alertUnreachable, type AlertingOptions } from './alerting.js';
export { alertSchema, type Alert } from './alert.js';
export { causesOf, isOver, type Cause } from './cause.js';
export type { Channel } from './channel.js';
export { annotations, appendStepSummary, onGitHub } from './github.js';
export { shellCommand } from './shell-command.js';
export { webhook } from './webhook.js';
