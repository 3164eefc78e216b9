/** What stays of runs. */
export { writeRunFile } from './run-file.js';
