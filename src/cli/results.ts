import { join, relative, resolve } from 'node:path';
import {
  decidingExitCode,
  DynoError,
  messageOf,
  redact,
  secrets,
  type ExitCode,
  type RunResult,
} from '../core/index.js';
import type { OutputSpec } from '../plan/options/index.js';
import { reportFileName, summaryText, type ReportFormat } from '../report/index.js';
import { prune, writeRunFile } from '../store/index.js';
import type { Telemetry } from '../telemetry/index.js';
import { alertOfRun } from './alerts.js';
import type { CommandContext } from './command.js';
import { writeReportFile } from './report.js';
import { startTelemetry } from './telemetry.js';

/** What a result goes with, besides itself. */
export interface FinishOptions {
  /** What was measured, as it was named; else what the result says of it. */
  target?: string;
  /** What has sent metrics so far; else they are sent at the end alone, where somebody wants them. */
  telemetry?: Telemetry | undefined;
  /** False for what is made of stored runs: then only the reports asked for are written, and nobody is told. */
  store?: boolean;
}

/**
 * Keeps and shows a result: the run file, reports asked for, metrics to other systems, then the summary or the JSON on
 * stdout, and last what tells others of a failure.
 */
export async function finish(
  context: CommandContext,
  measured: RunResult,
  { target, telemetry, store = true }: FinishOptions = {},
): Promise<ExitCode> {
  const { settings, io, log } = context;
  // Whatever a server said may hold a secret of ours; this is the one door that results leave by.
  let run = secrets.redactJson(measured);
  const files: { format: string; path: string }[] = [];
  const failed: DynoError[] = [];
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DynoError)) throw error;
      failed.push(error);
    }
  };
  const runDir = resolve(io.cwd, settings.runDir);
  const folder = join(runDir, run.id);
  if (store) {
    await attempt(async () => {
      const path = await writeRunFile(runDir, run);
      files.push({ format: 'run file', path: shortest(path, io.cwd) });
    });
  }
  const kept = files.length > 0;
  const reports = reportsOf(settings.out ?? [], { page: store, folder: kept || !store });
  for (const { format, path } of reports) {
    // Without a path a report lies beside the run file. One that cannot be written keeps none of the others.
    const beside = shortest(join(store ? folder : io.cwd, reportFileName(format)), io.cwd);
    await attempt(async () => {
      files.push(await writeReportFile(format, path ?? beside, run, io.cwd));
    });
  }
  let sending = telemetry;
  await attempt(async () => {
    sending ??= await startTelemetry(context, run.target);
  });
  if (failed.length > 0) {
    // The result goes out by stdout all the same, and says how this run really ends.
    const exitCode = decidingExitCode([...failed.map((error) => error.exitCode), run.verdict.exitCode]);
    const warnings = [...run.warnings, ...failed.map((error) => error.message)];
    run = { ...run, verdict: { ...run.verdict, exitCode }, warnings };
  }
  files.push(...((await sending?.end(run)) ?? []));
  if (settings.json) io.stdout.write(`${JSON.stringify(run)}\n`);
  else io.stdout.write(summaryText(run, { mode: settings.summary, colours: io.stdout.colours, files }));
  for (const { message, hint } of failed) io.stderr.write(redact(`dyno: ${message}\n      ${hint ?? ''}\n`));
  const { url, command, kind } = run.target;
  if (store) await alertOfRun(context, target ?? url ?? command ?? kind, run);
  if (kept) await retain(context, runDir);
  log.info('run ended', { run: run.id, status: run.verdict.status, exit: run.verdict.exitCode });
  return run.verdict.exitCode;
}

/** Deletes what is beyond `--keep-runs` and `--keep-for`, and says so. */
async function retain({ settings, log }: CommandContext, runDir: string): Promise<void> {
  const { keepRuns, keepFor } = settings;
  if (keepRuns === 0 && keepFor === undefined) return;
  try {
    const gone = await prune(
      runDir,
      {
        ...(keepRuns === 0 ? {} : { keep: keepRuns }),
        ...(keepFor === undefined ? {} : { maxAgeMs: keepFor }),
      },
      new Date(),
    );
    if (gone.length > 0) log.info('older runs deleted', { runs: gone.length });
  } catch (error) {
    log.warn(`Older runs in ${runDir} cannot be deleted: ${messageOf(error)}`);
  }
}

/**
 * The reports to write: those asked for, and with `page` the HTML page, which is what a person opens next. Without a
 * `folder` for them, only what has a path of its own. Metrics that go elsewhere are not among them.
 */
function reportsOf(
  outputs: readonly OutputSpec[],
  { page, folder }: { page: boolean; folder: boolean },
): { format: ReportFormat; path?: string }[] {
  const reports = outputs.flatMap(({ format, path }) =>
    format === 'otlp' || (format === 'prometheus' && path !== undefined)
      ? []
      : [{ format, ...(path === undefined ? {} : { path }) }],
  );
  const html = page && !reports.some(({ format }) => format === 'html') ? [{ format: 'html' as const }] : [];
  return [...reports, ...html].filter((report) => folder || 'path' in report);
}

function shortest(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}
