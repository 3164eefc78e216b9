import { printableLine, type RunResult } from '../core/index.js';
import { hostOf } from '../report/facts.js';
import type { Cause } from './cause.js';

/** The name of the contract of an alert's JSON. */
export const alertSchema = 'dyno.alert/1';

/** What is told: which run, of what, and why. Every text is redacted and bounded. */
export interface Alert {
  schema: typeof alertSchema;
  /** All of it in a few lines of plain text; Slack, Mattermost and the like show it as it is. */
  text: string;
  /** What was measured, as it was named to dyno; the same for every run of it. */
  target: string;
  run?: { id: string; startedAt: string; commit?: string };
  verdict?: RunResult['verdict'];
  causes: Cause[];
}

const mostLines = 10;

/** The alert of a run, with the causes that are new. */
export function alertOf(target: string, run: RunResult, causes: readonly Cause[]): Alert {
  const { environment, verdict } = run;
  return {
    schema: alertSchema,
    text: textOf(`${hostOf(run)}: ${verdict.sentence}`, causes, `run ${run.id}`),
    target,
    run: {
      id: run.id,
      startedAt: run.startedAt,
      ...(environment.git === undefined ? {} : { commit: environment.git.commit }),
    },
    verdict,
    causes: [...causes],
  };
}

/** The alert of a target that could not be measured at all. */
export function unreachableAlert(target: string, cause: Cause): Alert {
  return {
    schema: alertSchema,
    text: textOf(`${target} could not be measured.`, [cause], ''),
    target,
    causes: [cause],
  };
}

function textOf(head: string, causes: readonly Cause[], end: string): string {
  const lines = causes.slice(0, mostLines).map(({ sentence }) => `✗ ${sentence}`);
  if (causes.length > mostLines) lines.push(`… ${causes.length - mostLines} more`);
  return ['dyno: ' + printableLine(head, 500), ...lines, end].filter((line) => line !== '').join('\n');
}
