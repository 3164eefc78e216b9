import { writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { DynoError, messageOf, secrets, type ExitCode, type RunResult } from '../core/index.js';
import type { OutputSpec } from '../plan/options/index.js';
import { summaryText } from '../report/index.js';
import { writeRunFile } from '../store/index.js';
import type { CommandContext } from './command.js';

/** Keeps and shows a result: the run file, reports asked for, then the summary or the JSON on stdout. */
export async function finish({ settings, io, log }: CommandContext, measured: RunResult): Promise<ExitCode> {
  // Whatever a server said may hold a secret of ours; this is the one door that results leave by.
  const run = secrets.redactJson(measured);
  const files: { format: string; path: string }[] = [];
  let failed: DynoError | undefined;
  try {
    const path = await writeRunFile(resolve(io.cwd, settings.runDir), run);
    files.push({ format: 'run file', path: shortest(path, io.cwd) });
    for (const output of settings.out ?? []) {
      if (output.path !== undefined) files.push(await writeReport(output, run, io.cwd));
    }
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    // The result goes out by stdout all the same.
    failed = error;
  }
  if (settings.json) io.stdout.write(`${JSON.stringify(run)}\n`);
  else io.stdout.write(summaryText(run, { mode: settings.summary, colours: io.stdout.colours, files }));
  if (failed) throw failed;
  log.info('run ended', { run: run.id, status: run.verdict.status, exit: run.verdict.exitCode });
  return run.verdict.exitCode;
}

async function writeReport(
  { format, path = '' }: OutputSpec,
  run: RunResult,
  cwd: string,
): Promise<{ format: string; path: string }> {
  const full = resolve(cwd, path);
  try {
    await writeFile(full, `${JSON.stringify(run, null, 2)}\n`);
  } catch (cause) {
    throw new DynoError(`The ${format} report cannot be written to ${path}: ${messageOf(cause)}`, {
      code: 'report-file',
      hint: 'Name another file with --out.',
      cause,
    });
  }
  return { format, path };
}

function shortest(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}
