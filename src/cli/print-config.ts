import { exitCodes, printableLine, redact, type ExitCode } from '../core/index.js';
import { printedSettings, type CommandName } from '../plan/options/index.js';
import { performanceVariables, type Threshold } from '../plan/thresholds/index.js';
import type { Io } from './io.js';
import type { ResolvedSettings } from './settings.js';
import { thresholdsOf } from './thresholds.js';

/** `--print-config`: every value with its origin, as a table or with `--json` as one document. */
export function printConfig(command: CommandName, resolved: ResolvedSettings, io: Io): ExitCode {
  const settings = printedSettings(command, resolved);
  const thresholds = command === 'test' || command === 'load' ? thresholdsOf(resolved, io.env) : [];
  if (resolved.settings.json) {
    io.stdout.write(`${redact(JSON.stringify({ command, settings, thresholds }, null, 2))}\n`);
    return exitCodes.pass;
  }
  const rows = settings.map(({ key, value, origin }) => [key, value, origin] as const);
  if (command === 'test') {
    for (const threshold of thresholds) rows.push(thresholdRow(threshold, io.env));
  }
  const wide = (column: 0 | 1, most: number) =>
    Math.min(most, Math.max(...rows.map((row) => row[column].length)));
  const [keys, values] = [wide(0, 34), wide(1, 60)];
  for (const [key, value, origin] of rows) {
    io.stdout.write(redact(`${key.padEnd(keys)}  ${printableLine(value, 300).padEnd(values)}  ${origin}\n`));
  }
  return exitCodes.pass;
}

function thresholdRow(threshold: Threshold, env: Io['env']): readonly [string, string, string] {
  const { name, test, metric, op, limit, unit } = threshold;
  const variable = performanceVariables.find((one) => one.name === name);
  const origin = variable ? (env[name] === undefined ? 'default' : name) : 'threshold';
  return [name, `${test === undefined ? '' : `${test}:`}${metric} ${op} ${limit}${unit}`, origin];
}
