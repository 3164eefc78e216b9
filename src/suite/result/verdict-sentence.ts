import type { TestResult } from '../../core/run-result.js';

/**
 * The verdict as a sentence; what failed comes first.
 *
 * @param notJudged sentences on what was asked and could not be judged.
 */
export function verdictSentence(
  tests: readonly TestResult[],
  stopped: boolean,
  notJudged: readonly string[] = [],
): string {
  const of = (status: TestResult['status']) => tests.filter((test) => test.status === status);
  const ran = tests.length - of('skipped').length;
  const halted = stopped ? ' Stopped before its end.' : '';
  if (tests.length === 0 || ran === 0)
    return `Nothing was measured: ${plural(tests.length, 'test')} skipped.${halted}`;
  const parts: string[] = [];
  for (const test of of('error')) parts.push(`${test.id} could not be carried out (${trimmed(test.reason)})`);
  for (const test of of('fail')) parts.push(`${test.id}: ${faultOf(test)}`);
  if (parts.length > 0) {
    const failed = of('error').length + of('fail').length;
    return `${failed} of ${plural(ran, 'test')} failed. ${sentence(parts.slice(0, 3).join('; '))}${more(parts.length)}${halted}`;
  }
  const undecided = of('inconclusive');
  if (undecided.length > 0) {
    const why = undecided.map((test) => `${test.id}: ${trimmed(test.reason)}`);
    return `Not decided: ${sentence(why.slice(0, 3).join('; '))}${more(why.length)}${halted}`;
  }
  const left = tests.length - ran;
  const skipped =
    left === 0 ? '' : ` ${plural(left, 'other')} did not apply and ${left === 1 ? 'was' : 'were'} skipped.`;
  const passed = `${ran === 1 ? 'The test' : `All ${ran} tests`} passed.${skipped}${unjudgedFailures(of('pass'))}${halted}`;
  return notJudged.length > 0
    ? `Not decided: ${notJudged[0]!}${more(notJudged.length + 2)} ${passed}`
    : passed;
}

/** Metrics that tell of failed calls: a limit on one of them decides. */
const tellsOfFailures = /^(success_rate$|calls\.|failures\.)/;

/** A test that passed although calls failed, since no limit was on them, must not look like one without failures. */
function unjudgedFailures(passed: readonly TestResult[]): string {
  const parts = passed.flatMap(({ id, metrics, thresholds }) => {
    const failed = metrics['calls.failed']?.value ?? 0;
    if (failed === 0 || thresholds.some(({ metric }) => tellsOfFailures.test(metric))) return [];
    const total = metrics['calls.total']?.value ?? 0;
    return [`${id}: ${failed.toLocaleString('en')} of ${plural(total, 'call')} failed`];
  });
  if (parts.length === 0) return '';
  const listed = `${parts.slice(0, 3).join('; ')}${parts.length > 3 ? ` and ${parts.length - 3} more` : ''}`;
  return ` But ${listed}, and no threshold decides on that (--threshold 'success_rate > 0.99').`;
}

/** The operations of a test that are done by the host services in this process, not by the target, begin with this. */
const ofHost = 'host/';

/** What was called, how often, and how many of the calls failed; then what the host services did. */
export function exercisedSentence(tests: readonly TestResult[]): string {
  const names = new Set<string>();
  const services = new Set<string>();
  let calls = 0;
  let failed = 0;
  let operations = 0;
  for (const test of tests) {
    for (const [name, { metrics }] of Object.entries(test.operations)) {
      const count = metrics['calls.total']?.value ?? 0;
      if (count === 0) continue;
      if (name.startsWith(ofHost)) {
        services.add(name.slice(ofHost.length).replace(/ .*/, ''));
        operations += count;
      } else names.add(name.replace(/^tools\/call /, ''));
    }
    calls += test.metrics['calls.total']?.value ?? 0;
    failed += test.metrics['calls.failed']?.value ?? 0;
  }
  const parts: string[] = [];
  if (calls > 0) {
    parts.push(some(names), `${calls.toLocaleString('en')} calls`, `${failed.toLocaleString('en')} errors`);
  }
  if (operations > 0) {
    parts.push(`${operations.toLocaleString('en')} operations of the host services (${some(services)})`);
  }
  return parts.length === 0 ? 'nothing' : parts.join(' · ');
}

function some(names: ReadonlySet<string>): string {
  const listed = [...names];
  return listed.slice(0, 6).join(', ') + (listed.length > 6 ? ` and ${listed.length - 6} more` : '');
}

function faultOf(test: TestResult): string {
  const failed = test.thresholds.filter((threshold) => threshold.status === 'fail');
  const [first] = failed;
  if (first === undefined || test.reason !== undefined) return trimmed(test.reason);
  const unit = first.unit === undefined ? '' : ` ${first.unit}`;
  const observed = first.observed === null ? '?' : Number(first.observed.toPrecision(4));
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
  return `${first.metric} is ${observed}${unit}, limit ${first.op} ${first.limit}${unit}${others}`;
}

function trimmed(reason: string | undefined): string {
  return (reason ?? 'no reason given').replace(/\.$/, '');
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function more(count: number): string {
  return count > 3 ? ` And ${count - 3} more.` : '';
}

function plural(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}
