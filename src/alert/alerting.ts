import { exitCodes, messageOf, type RunResult } from '../core/index.js';
import { alertOf, unreachableAlert, type Alert } from './alert.js';
import { causesOf, isOver, unreachableCause, type Cause } from './cause.js';
import type { Channel } from './channel.js';
import { ToldCauses } from './told.js';

/** Who is told, and where it is remembered. */
export interface AlertingOptions {
  channels: readonly Channel[];
  /** The folder that remembers what was told. */
  folder: string;
  /** What is measured, the same for every run of it. */
  target: string;
  now: () => Date;
  /** Hears what could not be told, one sentence each. */
  onProblem: (sentence: string) => void;
}

/**
 * Tells every channel what is wrong and was not told before. What nobody heard is told again by the next run; what is
 * over is forgotten, and is news when it comes back.
 */
export async function alertRun(run: RunResult, options: AlertingOptions): Promise<void> {
  if (options.channels.length === 0) return;
  // A run that was stopped shows neither that something is wrong nor that it is well again.
  if (run.verdict.exitCode === exitCodes.stopped) return;
  const told = new ToldCauses(options.folder);
  for (const one of await told.of(options.target)) if (isOver(one, run)) await told.forget(one);
  await tell(told, causesOf(run), (causes) => alertOf(options.target, run, causes), options);
}

/** Tells every channel that the target could not be reached, once until it can be. */
export async function alertUnreachable(message: string, options: AlertingOptions): Promise<void> {
  const cause = unreachableCause(message);
  await tell(new ToldCauses(options.folder), [cause], () => unreachableAlert(options.target, cause), options);
}

async function tell(
  told: ToldCauses,
  causes: readonly Cause[],
  alert: (causes: readonly Cause[]) => Alert,
  { channels, target, now, onProblem }: AlertingOptions,
): Promise<void> {
  const since = now().toISOString();
  await Promise.all(
    channels.map(async (channel) => {
      const mine = { target, channel: channel.id, since };
      const fresh: Cause[] = [];
      try {
        for (const cause of causes) if (await told.claim({ ...cause, ...mine })) fresh.push(cause);
      } catch (error) {
        // Better told twice than not at all.
        onProblem(`What was told cannot be remembered: ${messageOf(error)}.`);
        fresh.splice(0, fresh.length, ...causes);
      }
      if (fresh.length === 0) return;
      try {
        await channel.send(alert(fresh));
      } catch (error) {
        onProblem(`No alert reached ${channel.name}: ${messageOf(error)}. The next run tries again.`);
        for (const cause of fresh) await told.forget({ ...cause, ...mine }).catch(() => undefined);
      }
    }),
  );
}
