import { dirname, join, relative, resolve } from 'node:path';
import {
  decidingExitCode,
  DynoError,
  redact,
  secrets,
  type ExitCode,
  type RunResult,
} from '../core/index.js';
import type { OutputSpec } from '../plan/options/index.js';
import { reportFileName, summaryText } from '../report/index.js';
import { writeRunFile } from '../store/index.js';
import type { CommandContext } from './command.js';
import { writeReportFile } from './report.js';

/**
 * Keeps and shows a result: the run file, reports asked for, then the summary or the JSON on stdout.
 *
 * @param options.store false for what is made of stored runs: then only the reports asked for are written.
 */
export async function finish(
  { settings, io, log }: CommandContext,
  measured: RunResult,
  { store = true }: { store?: boolean } = {},
): Promise<ExitCode> {
  // Whatever a server said may hold a secret of ours; this is the one door that results leave by.
  let run = secrets.redactJson(measured);
  const files: { format: string; path: string }[] = [];
  let failed: DynoError | undefined;
  try {
    const path = store ? await writeRunFile(resolve(io.cwd, settings.runDir), run) : undefined;
    if (path !== undefined) files.push({ format: 'run file', path: shortest(path, io.cwd) });
    for (const { format, path: given } of store ? withHtml(settings.out ?? []) : (settings.out ?? [])) {
      // Without a path a report lies beside the run file.
      const beside = join(path === undefined ? io.cwd : dirname(path), reportFileName(format));
      files.push(await writeReportFile(format, given ?? shortest(beside, io.cwd), run, io.cwd));
    }
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    // The result goes out by stdout all the same, and says how this run really ends.
    failed = error;
    const exitCode = decidingExitCode([error.exitCode, run.verdict.exitCode]);
    run = { ...run, verdict: { ...run.verdict, exitCode }, warnings: [...run.warnings, error.message] };
  }
  if (settings.json) io.stdout.write(`${JSON.stringify(run)}\n`);
  else io.stdout.write(summaryText(run, { mode: settings.summary, colours: io.stdout.colours, files }));
  if (failed) io.stderr.write(redact(`dyno: ${failed.message}\n      ${failed.hint ?? ''}\n`));
  log.info('run ended', { run: run.id, status: run.verdict.status, exit: run.verdict.exitCode });
  return run.verdict.exitCode;
}

/** The HTML report is always written: it is what a person opens next. */
function withHtml(outputs: readonly OutputSpec[]): readonly OutputSpec[] {
  return outputs.some(({ format }) => format === 'html') ? outputs : [...outputs, { format: 'html' }];
}

function shortest(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}
