/** What was found to work with an origin: the stateless era, the session era, or only legacy HTTP+SSE. */
export type Verdict = 'stateless' | 'session' | 'sse';

/** A bound, so that a process that meets endless origins does not remember them all. */
const most = 1000;
const verdicts = new Map<string, Verdict>();

/** The verdict on an origin, where one was reached before in this process. */
export function recallVerdict(origin: string): Verdict | undefined {
  return verdicts.get(origin);
}

/** Keeps a verdict for connections to come. */
export function keepVerdict(origin: string, verdict: Verdict): void {
  verdicts.delete(origin);
  verdicts.set(origin, verdict);
  if (verdicts.size > most) verdicts.delete(verdicts.keys().next().value!);
}

/** Forgets the verdict on an origin, or all of them. */
export function forgetVerdicts(origin?: string): void {
  if (origin === undefined) verdicts.clear();
  else verdicts.delete(origin);
}
