import { usageError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import type { Profile, SuiteTest } from './suite-test.js';
import { cancellation } from './tests/cancellation.js';
import { capacity } from './tests/capacity.js';
import { catalogue } from './tests/catalogue.js';
import { catalogueSweep } from './tests/catalogue-sweep.js';
import { coldStart } from './tests/cold-start.js';
import { concurrentExecution } from './tests/concurrent-execution.js';
import { endToEndWorkflow } from './tests/end-to-end-workflow.js';
import { extremeLoadMemory } from './tests/extreme-load-memory.js';
import { invalidData } from './tests/invalid-data.js';
import { leakDetection } from './tests/leak-detection.js';
import { maxConnections } from './tests/max-connections.js';
import { maxThroughput } from './tests/max-throughput.js';
import { memoryUnderLoad } from './tests/memory-under-load.js';
import { monitoring } from './tests/monitoring.js';
import { serialization } from './tests/serialization.js';
import { serviceDiscovery } from './tests/service-discovery.js';
import { serverRequests } from './tests/server-requests.js';
import { sessionChurn } from './tests/session-churn.js';
import { sessionLab } from './tests/session-lab.js';
import { networkConditions } from './tests/network-conditions.js';
import { resourceCleanup } from './tests/resource-cleanup.js';
import { singleToolLatency } from './tests/single-tool-latency.js';
import { streams } from './tests/streams.js';
import { sustainedStability } from './tests/sustained-stability.js';
import { tasks } from './tests/tasks.js';
import { throughputUnderLoad } from './tests/throughput-under-load.js';
import { toolBinding } from './tests/tool-binding.js';
import { toolDiscovery } from './tests/tool-discovery.js';
import { toolRouting } from './tests/tool-routing.js';
import { toolValidation } from './tests/tool-validation.js';

/** Every test, in the order in which they run. */
export const suiteTests: readonly SuiteTest[] = [
  singleToolLatency,
  concurrentExecution,
  throughputUnderLoad,
  memoryUnderLoad,
  toolDiscovery,
  toolBinding,
  toolRouting,
  toolValidation,
  serviceDiscovery,
  monitoring,
  endToEndWorkflow,
  maxConnections,
  maxThroughput,
  extremeLoadMemory,
  sustainedStability,
  leakDetection,
  coldStart,
  sessionChurn,
  capacity,
  serialization,
  cancellation,
  tasks,
  serverRequests,
  networkConditions,
  sessionLab,
  streams,
  invalidData,
  catalogue,
  catalogueSweep,
  resourceCleanup,
];

/**
 * The tests that `--only` and `--tag` choose, in the order of the suite; all of them when neither is given. `-TAG` leaves
 * the tests with that tag out.
 *
 * @throws DynoError (104) for an id or tag that does not exist (with the nearest), and when nothing is left.
 */
export function chooseTests(only: readonly string[], tags: readonly string[]): SuiteTest[] {
  const wanted = new Set(only.map(testId));
  const knownTags = [...new Set(suiteTests.flatMap((test) => test.tags))];
  for (const tag of tags) {
    const name = tag.replace(/^-/, '');
    if (!knownTags.includes(name)) {
      throw usageError(
        `There is no tag '${name}'`,
        didYouMean(name, knownTags) ?? `Tags: ${knownTags.join(', ')}.`,
      );
    }
  }
  const include = tags.filter((tag) => !tag.startsWith('-'));
  const exclude = tags.filter((tag) => tag.startsWith('-')).map((tag) => tag.slice(1));
  const chosen = suiteTests.filter(
    (test) =>
      (wanted.size === 0 || wanted.has(test.id)) &&
      (include.length === 0 || include.some((tag) => test.tags.includes(tag))) &&
      !exclude.some((tag) => test.tags.includes(tag)),
  );
  if (chosen.length === 0)
    throw usageError('No test has all of the ids and tags asked for', 'See dyno test --list.');
  return chosen;
}

/** The tests that a profile is too short for, where they are not named. */
export function leftToOthers(
  tests: readonly SuiteTest[],
  profile: Profile,
  named: boolean,
): { chosen: SuiteTest[]; left: SuiteTest[] } {
  const isLeft = (test: SuiteTest) => !named && test.onlyNamed?.includes(profile) === true;
  return { chosen: tests.filter((test) => !isLeft(test)), left: tests.filter(isLeft) };
}

/** The test with this id or original name. @throws DynoError (104) with the nearest. */
export function findTest(name: string): SuiteTest {
  const id = testId(name);
  return suiteTests.find((test) => test.id === id)!;
}

function testId(name: string): string {
  const found = suiteTests.find((test) => test.id === name || test.originalName === name);
  if (found !== undefined) return found.id;
  const known = suiteTests.flatMap((test) => [test.id, test.originalName ?? test.id]);
  throw usageError(`There is no test '${name}'`, didYouMean(name, known) ?? 'See dyno test --list.');
}
