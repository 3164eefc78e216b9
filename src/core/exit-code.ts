/** The exit codes of `dyno`, a contract with CI (see README, "Exit codes"). */
export const exitCodes = {
  pass: 0,
  internal: 1,
  failed: 99,
  usage: 104,
  stopped: 105,
  unreachable: 111,
  inconclusive: 112,
  regression: 113,
} as const;

/** One of the exit codes of `dyno`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** When several hold, the first of these decides. */
const precedence: readonly ExitCode[] = [104, 105, 111, 1, 99, 113, 112, 0];

/** The exit code that decides among all that hold; 0 for an empty list. */
export function decidingExitCode(codes: Iterable<ExitCode>): ExitCode {
  const held = new Set(codes);
  return precedence.find((code) => held.has(code)) ?? exitCodes.pass;
}
