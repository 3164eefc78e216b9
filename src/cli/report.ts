import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DynoError, messageOf, usageError, type RunResult } from '../core/index.js';
import {
  renderReport,
  reportFormat,
  reportFormats,
  summaryText,
  type ReportFormat,
} from '../report/index.js';
import { findRun, readRunFile, writeWhole } from '../store/index.js';
import { ownArguments, runDirOf, runDirOption, type OwnUsage } from './stored/own-options.js';

const usage: OwnUsage = {
  name: 'report',
  usage: [
    'dyno report RUN                       the summary in the terminal',
    'dyno report RUN -o html=report.html   a file; without =PATH on stdout',
    'RUN: an id or a part of it, latest, a run file, or its folder',
  ],
  options: {
    out: { short: 'o', value: 'FORMAT[=PATH]', many: true, help: `${reportFormats.join(', ')}` },
    summary: { value: 'MODE', help: 'compact or full (default full)' },
    'no-color': { help: 'no colours' },
    'run-dir': runDirOption,
  },
};

/** `dyno report RUN`: a stored run again, in any format. */
export const reportCommand = {
  /** @throws DynoError (104) for a run that is not there or damaged, or a wrong option; (1) where a file cannot be written. */
  async run(args: readonly string[]): Promise<void> {
    const given = ownArguments(usage, args);
    if (given === undefined) return;
    const [reference = 'latest', extra] = given.words;
    if (extra !== undefined) throw usageError(`dyno report takes one run, got '${extra}' too`);
    const outputs = given.all('out').map(outputOf);
    if (outputs.filter(({ path }) => path === undefined).length > 1) {
      throw usageError('Only one report can go to stdout', 'Give the others a path: -o html=report.html.');
    }
    const mode = given.one('summary') ?? 'full';
    if (mode !== 'compact' && mode !== 'full')
      throw usageError(`Expected --summary to be compact or full, got '${mode}'`);
    const source = await findRun(runDirOf(given), reference);
    const run = await readRunFile(source);
    const files: { format: string; path: string }[] = [];
    for (const { format, path } of outputs) {
      if (path === undefined) process.stdout.write(renderReport(format, run));
      else files.push(await writeReportFile(format, path, run));
    }
    if (outputs.length === 0) {
      const colours = process.stdout.isTTY && !given.has('no-color') && !process.env['NO_COLOR'];
      process.stdout.write(
        summaryText(run, { mode, colours, files: [{ format: 'run file', path: source }] }),
      );
    }
    for (const { format, path } of files) process.stderr.write(`${format.padEnd(14)} ${path}\n`);
  },
};

/**
 * Writes a run in a format to a file, whole or not at all; folders that are missing are made.
 *
 * @throws DynoError (1) that says why it cannot.
 */
export async function writeReportFile(
  format: ReportFormat,
  path: string,
  run: RunResult,
  cwd = process.cwd(),
): Promise<{ format: string; path: string }> {
  const full = resolve(cwd, path);
  try {
    await mkdir(dirname(full), { recursive: true });
    await writeWhole(full, renderReport(format, run));
    return { format, path };
  } catch (cause) {
    throw new DynoError(`The ${format} report cannot be written to ${path}: ${messageOf(cause)}`, {
      code: 'report-file',
      hint: 'Name another file with --out.',
      cause,
    });
  }
}

function outputOf(text: string): { format: ReportFormat; path?: string } {
  const at = text.indexOf('=');
  if (at === -1) return { format: reportFormat(text) };
  const path = text.slice(at + 1);
  if (path === '') throw usageError(`Expected --out to be FORMAT=PATH, got '${text}'`);
  return { format: reportFormat(text.slice(0, at)), path };
}
