/**
 * What a call came to; exactly one of these (see docs/outcomes.md).
 *
 * ok · connect (no connection) · transport (reset, closed) · http (an unexpected status) · throttled (429, or 503 with
 * Retry-After) · parse (not JSON, not JSON-RPC) · rpc (a JSON-RPC error) · tool (`isError: true`) · schema (structured
 * output breaks its `outputSchema`) · mismatch (another id, wrong content) · timeout.
 */
export const outcomes = [
  'ok',
  'connect',
  'transport',
  'http',
  'throttled',
  'parse',
  'rpc',
  'tool',
  'schema',
  'mismatch',
  'timeout',
] as const;

/** What a call came to. */
export type Outcome = (typeof outcomes)[number];

/** Every outcome but `ok`. */
export type FailureClass = Exclude<Outcome, 'ok'>;

/** The failure classes in their fixed order; the index is what load threads count by. */
export const failureClasses = outcomes.slice(1) as readonly FailureClass[];
