import type { JsonObject } from '../../core/json.js';
import type { Failure, Metrics } from '../../core/run-result.js';
import type { TestOutcome } from '../suite-test.js';
import type { Trial, Trials } from './trials.js';

/** Violations that a sentence names before it counts the others. */
const mostNamed = 3;

/** What the trials came to: a fault where invalid arguments were accepted, or broke the target. */
export function outcomeOf({ trials, tools, notJudged, ended }: Trials): TestOutcome {
  if (trials.length === 0 && ended === undefined) {
    return {
      status: 'skipped',
      reason: 'there is no tool with arguments that could be invalid, and whose valid call is answered',
      notJudged,
    };
  }
  const faults = [
    sentence('accepts invalid arguments', trials, 'accepted'),
    sentence('crashes on invalid arguments', trials, 'crash'),
    sentence('does not answer invalid arguments', trials, 'hang'),
  ].filter((one) => one !== undefined);
  if (ended !== undefined) faults.push(`after that it could not be reached any more: ${ended}`);
  const refused = trials.filter(({ kinds }) => kinds.refused > 0).length;
  return {
    metrics: { ...callMetrics(trials, tools.length), ...metricsOf(trials, tools.length) },
    operations: Object.fromEntries(
      tools.map((tool) => [
        `tools/call ${tool}`,
        {
          metrics: callMetrics(
            trials.filter((trial) => trial.tool === tool),
            1,
          ),
        },
      ]),
    ),
    failures: failuresOf(trials),
    ...(faults.length > 0 ? { status: 'fail', reason: faults.join('; ') } : {}),
    finding: `${refused} of ${trials.length} violations in ${tools.length} tool${tools.length === 1 ? '' : 's'} were refused`,
    notes: notesOf(trials),
    notJudged,
    details: { violations: trials.map(rowOf) },
  };
}

const sum = (trials: readonly Trial[], kind: keyof Trial['kinds']): number =>
  trials.reduce((total, { kinds }) => total + kinds[kind], 0);

function sentence(what: string, trials: readonly Trial[], kind: keyof Trial['kinds']): string | undefined {
  const such = trials.filter(({ kinds }) => kinds[kind] > 0);
  if (such.length === 0) return undefined;
  const named = such.slice(0, mostNamed).map(({ tool, violation, kinds, said, again }) => {
    const times = kinds[kind] === 1 ? 'once' : `${kinds[kind]} times`;
    const how = said === undefined ? '' : `, ${said}`;
    return `${tool}, ${violation}, ${times}${how}${again === false ? ', not again on a new target' : ''}`;
  });
  const more = such.length - named.length;
  return `${what}: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

/** The calls themselves: of each tool one with valid arguments was answered; what is refused is as it should be. */
function callMetrics(trials: readonly Trial[], valid: number): Metrics {
  const total = valid + callsOf(trials);
  const ok = valid + sum(trials, 'refused');
  return {
    'calls.total': count(total),
    'calls.ok': count(ok),
    'calls.failed': count(total - ok),
  };
}

const count = (value: number) => ({ value, unit: 'count' });

const callsOf = (trials: readonly Trial[]): number => trials.reduce((total, { calls }) => total + calls, 0);

function metricsOf(trials: readonly Trial[], tools: number): Metrics {
  return {
    'invalid.tools': count(tools),
    'invalid.violations': count(trials.length),
    'invalid.calls': count(callsOf(trials)),
    'invalid.refused': count(sum(trials, 'refused')),
    'invalid.refused_otherwise': count(sum(trials, 'otherwise')),
    'invalid.accepted': count(sum(trials, 'accepted')),
    'invalid.crashes': count(sum(trials, 'crash')),
    'invalid.hangs': count(sum(trials, 'hang')),
  };
}

const failureKinds = [
  ['accepted', 'mismatch', 'accepts invalid arguments'],
  ['crash', 'transport', 'crashes on invalid arguments'],
  ['hang', 'timeout', 'does not answer invalid arguments'],
] as const;

function failuresOf(trials: readonly Trial[]): Failure[] {
  return trials.flatMap(({ tool, violation, kinds }) =>
    failureKinds
      .filter(([kind]) => kinds[kind] > 0)
      .map(([kind, failureClass, what]): Failure => ({
        class: failureClass,
        message: `${what}: ${tool}, ${violation}`,
        count: kinds[kind],
        firstAt: 0,
        lastAt: 0,
      })),
  );
}

function notesOf(trials: readonly Trial[]): string[] {
  const odd = trials.filter(({ kinds }) => kinds.otherwise > 0);
  const [first] = odd;
  if (first === undefined) return [];
  return [
    `${odd.length} violations were refused in another way than with isError or -32602, such as ${first.tool}, ` +
      `${first.violation}: ${first.said ?? 'no message'}.`,
  ];
}

function rowOf({ tool, violation, keyword, calls, kinds, said }: Trial): JsonObject {
  return { tool, violation, keyword, calls, ...kinds, ...(said === undefined ? {} : { said }) };
}
