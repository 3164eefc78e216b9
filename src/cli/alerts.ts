import { join, resolve } from 'node:path';
import { DynoError, exitCodes, redact, secrets, type RunResult } from '../core/index.js';
import type { AlertingOptions } from '../alert/index.js';
import type { CommandContext } from './command.js';

/** Tells `--alert-command`, `--alert-webhook` and GitHub what is wrong with a run; what could not be told is logged. */
export async function alertOfRun(context: CommandContext, target: string, run: RunResult): Promise<void> {
  const options = await alerting(context, target);
  if (options !== undefined) {
    const { alertRun } = await import('../alert/index.js');
    await alertRun(run, options);
  }
  const { settings, io, log } = context;
  if (!settings.github) return;
  const { annotations, appendStepSummary, onGitHub } = await import('../alert/github.js');
  if (!onGitHub(io.env)) return;
  // GitHub reads both streams, and stdout may have to be one JSON document.
  for (const line of annotations(run)) io.stderr.write(`${line}\n`);
  const problem = await appendStepSummary(run, io.env);
  if (problem !== undefined) log.warn(problem);
}

/** Tells that a target could not be measured at all. Nothing is told of any other error. */
export async function alertUnreachableTarget(
  context: CommandContext,
  target: string,
  error: unknown,
): Promise<void> {
  if (!(error instanceof DynoError) || error.exitCode !== exitCodes.unreachable) return;
  const options = await alerting(context, target);
  if (options === undefined) return;
  const { alertUnreachable } = await import('../alert/index.js');
  await alertUnreachable(redact(error.message), options);
}

async function alerting(
  { settings, io, log }: CommandContext,
  target: string,
): Promise<AlertingOptions | undefined> {
  const { alertCommand, alertWebhook = [], runDir } = settings;
  if (alertCommand === undefined && alertWebhook.length === 0) return undefined;
  const { shellCommand, webhook } = await import('../alert/index.js');
  return {
    channels: [
      ...(alertCommand === undefined ? [] : [shellCommand(alertCommand, { cwd: io.cwd, env: io.env })]),
      ...[...new Set(alertWebhook)].map((url) => webhook(url)),
    ],
    folder: join(resolve(io.cwd, runDir), 'alerts'),
    target: secrets.redact(target),
    now: () => new Date(),
    onProblem: (sentence) => {
      log.warn(redact(sentence));
    },
  };
}
