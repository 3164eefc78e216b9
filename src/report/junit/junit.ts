import {
  exitCodes,
  type ComparedMetric,
  type ComparisonReport,
  type RunResult,
  type TestResult,
  type ThresholdResult,
} from '../../core/index.js';
import { changeWithInterval, factsOf, hostOf } from '../facts.js';
import { limitOf, marginOf, observedOf, subjectOf } from '../terminal/threshold-text.js';
import { element, textElement } from './xml.js';

/**
 * JUnit XML as CI systems read it: a suite per test, in it a case for the test and one for each of its thresholds; and a
 * suite for the comparison, where there is one, with a case per metric.
 * Undecided cases are errors, or skipped where the run passes all the same (`--allow-inconclusive`).
 */
export function junitXml(run: RunResult): string {
  const lenient = run.verdict.exitCode === exitCodes.pass;
  const suites = run.tests.map((test) => suiteOf(run, test, lenient));
  if (run.comparison !== undefined) suites.push(comparisonSuite(run, run.comparison));
  const sum = (of: (suite: Suite) => number) => suites.reduce((total, suite) => total + of(suite), 0);
  const root = element(
    'testsuites',
    {
      name: `mcp-dyno ${hostOf(run)}`,
      tests: sum((suite) => suite.cases),
      failures: sum((suite) => suite.failures),
      errors: sum((suite) => suite.errors),
      skipped: sum((suite) => suite.skipped),
      time: seconds(run.durationMs),
      timestamp: run.startedAt,
    },
    suites.map((suite) => suite.xml),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

/** A case per compared metric; what is undecided is skipped, since only the whole comparison decides. */
function comparisonSuite(run: RunResult, comparison: ComparisonReport): Suite {
  const cases = comparison.metrics.map(comparedCase);
  const of = (kind: Kind) => cases.filter((one) => one.kind === kind).length;
  const counts = { failures: of('failure'), errors: 0, skipped: of('skipped') };
  const name = 'comparison';
  const xml = element(
    'testsuite',
    { name, tests: cases.length, ...counts, time: seconds(0), timestamp: run.startedAt },
    [
      element(
        'properties',
        {},
        [
          ['base', comparison.base],
          ['now', comparison.now],
          ['verdict', comparison.sentence],
        ].map(([key, value]) => element('property', { name: key, value })),
      ),
      ...cases.map((one) => caseXml(name, one)),
    ],
  );
  return { xml, cases: cases.length, ...counts };
}

function comparedCase(one: ComparedMetric): Case {
  const { metric, test, verdict, reason, ratio, ci95, delta } = one;
  const zone = `±${Number((100 * delta).toFixed(1))} %`;
  const message = `${verdict}: ${changeWithInterval(ratio, ci95)}, the same is ${zone}${reason === undefined ? '' : `; ${reason}`}`;
  const kind = verdict === 'regression' ? 'failure' : verdict === 'inconclusive' ? 'skipped' : 'pass';
  return { name: test === undefined ? metric : `${test} ${metric}`, kind, message, text: message, ms: 0 };
}

interface Suite {
  xml: string;
  cases: number;
  failures: number;
  errors: number;
  skipped: number;
}

type Kind = 'pass' | 'failure' | 'error' | 'skipped';

interface Case {
  name: string;
  kind: Kind;
  message: string;
  text: string;
  ms: number;
}

function suiteOf(run: RunResult, test: TestResult, lenient: boolean): Suite {
  const cases = [testCase(test, lenient), ...test.thresholds.map((one) => thresholdCase(one, lenient))];
  const of = (kind: Kind) => cases.filter((one) => one.kind === kind).length;
  const properties = [
    ...factsOf(run),
    ...Object.entries(test.metrics).map(([name, { value, unit }]) => [name, `${value ?? ''} ${unit}`.trim()]),
  ].map(([name, value]) => element('property', { name, value }));
  const counts = { failures: of('failure'), errors: of('error'), skipped: of('skipped') };
  const xml = element(
    'testsuite',
    {
      name: test.id,
      tests: cases.length,
      ...counts,
      time: seconds(test.durationMs),
      timestamp: run.startedAt,
    },
    [
      ...(properties.length > 0 ? [element('properties', {}, properties)] : []),
      ...cases.map((one) => caseXml(test.id, one)),
    ],
  );
  return { xml, cases: cases.length, ...counts };
}

function caseXml(suite: string, { name, kind, message, text, ms }: Case): string {
  const attributes = { name, classname: `mcp-dyno.${suite}`, time: seconds(ms) };
  switch (kind) {
    case 'pass':
      return element('testcase', attributes);
    case 'skipped':
      return element('testcase', attributes, [element('skipped', { message })]);
    default:
      return element('testcase', attributes, [textElement(kind, { message, type: kind }, text)]);
  }
}

function testCase(test: TestResult, lenient: boolean): Case {
  const failures = test.failures.map(({ class: kind, message, count }) => `${kind} ${count} × ${message}`);
  const text = [
    test.reason ?? '',
    ...failures,
    ...test.notes,
    ...test.notJudged.map((one) => `not judged: ${one}`),
  ];
  const ownFault = test.thresholds.every((one) => one.status === 'pass');
  return {
    name: test.title === '' ? test.id : `${test.id}: ${test.title}`,
    // Where a threshold failed, its own case says so; the test's case fails with it, since it names the reason.
    kind: kindOf(test.status, lenient),
    message: test.reason ?? (ownFault ? test.status : 'a threshold was not met'),
    text: text.filter((line) => line !== '').join('\n'),
    ms: test.durationMs,
  };
}

function thresholdCase(threshold: ThresholdResult, lenient: boolean): Case {
  const margin = marginOf(threshold);
  const message = `${subjectOf(threshold)} ${observedOf(threshold)}, ${limitOf(threshold)}${margin === '' ? '' : `, ${margin}`}`;
  return {
    name: threshold.name,
    kind: kindOf(threshold.status, lenient),
    message,
    text: message,
    ms: 0,
  };
}

function kindOf(status: TestResult['status'], lenient: boolean): Kind {
  switch (status) {
    case 'pass':
      return 'pass';
    case 'fail':
      return 'failure';
    case 'skipped':
      return 'skipped';
    case 'error':
      return 'error';
    case 'inconclusive':
      return lenient ? 'skipped' : 'error';
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
