import { appendFile, stat } from 'node:fs/promises';
import { messageOf, type RunResult } from '../core/index.js';
import { markdownReport } from '../report/markdown/markdown.js';
import { causesOf } from './cause.js';

/** GitHub shows ten annotations of a kind for a step. */
const mostAnnotations = 10;
/** GitHub refuses step summaries above 1 MiB. */
const mostSummaryBytes = 1024 * 1024;

/** True within a step of a GitHub workflow. */
export function onGitHub(env: Readonly<Record<string, string | undefined>>): boolean {
  return env['GITHUB_ACTIONS'] === 'true';
}

/**
 * The workflow commands that show on GitHub what is wrong, a line each and each cause once: errors, or one warning where
 * the run is undecided.
 */
export function annotations(run: RunResult): string[] {
  const causes = causesOf(run);
  const { verdict } = run;
  if (causes.length === 0) {
    if (verdict.exitCode === 0) return [];
    const level = verdict.status === 'inconclusive' ? 'warning' : 'error';
    return [command(level, 'dyno', verdict.sentence)];
  }
  const shown = causes.slice(0, causes.length > mostAnnotations ? mostAnnotations - 1 : mostAnnotations);
  const lines = shown.map(({ kind, sentence }) =>
    command('error', kind === 'regression' ? 'dyno: slower than before' : 'dyno: limit broken', sentence),
  );
  if (causes.length > shown.length) {
    lines.push(command('error', 'dyno', `${causes.length - shown.length} more faults are in the report`));
  }
  return lines;
}

/**
 * Appends the run's Markdown to the step's summary.
 *
 * @returns a sentence where it could not be, undefined otherwise.
 */
export async function appendStepSummary(
  run: RunResult,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const path = env['GITHUB_STEP_SUMMARY'];
  if (path === undefined || path === '') return undefined;
  try {
    const text = `${markdownReport(run)}\n`;
    const taken = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (taken + Buffer.byteLength(text) > mostSummaryBytes) {
      return 'The step summary is full (1 MiB): this run is not in it.';
    }
    await appendFile(path, text);
    return undefined;
  } catch (error) {
    return `The step summary cannot be written: ${messageOf(error)}.`;
  }
}

/** Escaped as `@actions/core` escapes it: whatever a server said cannot begin another command. */
function command(level: 'error' | 'warning', title: string, message: string): string {
  const data = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = title
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');
  return `::${level} title=${property}::${data}`;
}
