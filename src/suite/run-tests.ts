import { messageOf } from '../core/errors.js';
import { exitCodes } from '../core/exit-code.js';
import type { TestResult } from '../core/run-result.js';
import { leftByStop, type LeftBy } from './cleanup/leftover.js';
import { ScratchFolder } from './cleanup/scratch-folder.js';
import type { SuiteRun } from './run-suite.js';
import { resultOf, runTest, type RanTest, type TestRun } from './run-test.js';
import { Seat } from './seat.js';

/** What the tests of a run came to. */
export interface RanTests {
  /** In the order of the suite. */
  ran: RanTest[];
  /** What a reader must know of how they were run. */
  warnings: string[];
}

type Chosen = SuiteRun['tests'][number];

/** The test that judges what all others left; it comes last. */
const cleanup = 'resource-cleanup';

/**
 * Runs the tests: one after another, or, where it is asked for, those that may share the machine beside each other, each on
 * a target of its own.
 */
export async function runTests(run: SuiteRun): Promise<RanTests> {
  const course = new Course(run);
  const { parallel = 1, parallelUnsafe = false, bench } = run;
  const warnings: string[] = [];
  let beside: Chosen[] = [];
  if (parallel > 1 && !bench.startable) {
    warnings.push(
      'The target is given by its URL and cannot be isolated: its tests ran one after another, in spite of --parallel.',
    );
  } else if (parallel > 1) {
    beside = run.tests.filter(
      ({ test }) => test.id !== cleanup && (parallelUnsafe || test.sharesMachine === true),
    );
    if (parallelUnsafe && beside.length > 1)
      warnings.push(
        'Tests shared the machine (--parallel-unsafe): times and CPU are those of a busy machine.',
      );
  }
  await course.beside(beside, parallel);
  await course.oneByOne(run.tests.filter((one) => !beside.includes(one)));
  const order = new Map(run.tests.map(({ test }, index) => [test.id, index]));
  const place = ({ result }: RanTest) => order.get(result.id) ?? 0;
  return { ran: course.ran.sort((a, b) => place(a) - place(b)), warnings };
}

class Course {
  readonly ran: RanTest[] = [];
  readonly #run: SuiteRun;
  readonly #stop: AbortSignal;
  readonly #common: Omit<TestRun, 'bench' | 'test' | 'parameters'>;
  readonly #earlier: LeftBy[] = [];

  constructor(run: SuiteRun) {
    this.#run = run;
    const { tests, bench, breached, profile, operations, thresholds, defaults, abort, onProgress } = run;
    this.#stop = breached === undefined ? run.stop : AbortSignal.any([run.stop, breached]);
    const stdio = bench.target.kind === 'stdio';
    for (const left of bench.stops.flatMap((report) => leftByStop(report, stdio)))
      this.#earlier.push({ ...left, test: 'the set-up' });
    this.#common = {
      profile,
      operations,
      thresholds,
      defaults,
      abort,
      onProgress,
      stop: this.#stop,
      earlier: this.#earlier,
      ...(run.failed === undefined ? {} : { failed: run.failed }),
      failOnOrphans: !tests.some(({ test }) => test.id === cleanup),
    };
  }

  async oneByOne(tests: readonly Chosen[]): Promise<void> {
    const seat = new Seat(this.#run.bench, this.#run.profile);
    try {
      for (const [index, chosen] of tests.entries()) {
        if (this.#stop.aborted) return;
        const cannot = await seat.ready();
        const ran =
          cannot === undefined
            ? await runTest({
                ...this.#common,
                ...chosen,
                bench: seat.bench,
                ...this.#sharing(seat, tests[index + 1]),
              })
            : without(chosen, cannot);
        if (ran.died !== undefined) seat.lose(chosen.test.id, ran.died);
        this.#add(ran);
      }
    } finally {
      await seat.close();
    }
  }

  /** The session of loads that tests share, and when it ends: with the last of them, or with one that went wrong. */
  #sharing(seat: Seat, next: Chosen | undefined): Pick<TestRun, 'session'> {
    const { session } = seat;
    if (session === undefined) return {};
    const last = next === undefined || next.test.id === cleanup;
    return {
      session: {
        loads: session,
        endsAfter: (wrong) => {
          const ends = wrong || last || this.#stop.aborted;
          if (ends) seat.endSession();
          return ends;
        },
      },
    };
  }

  async beside(tests: readonly Chosen[], atOnce: number): Promise<void> {
    const waiting = [...tests];
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined && !this.#stop.aborted; next = waiting.shift())
        this.#add(await this.#isolated(next));
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, tests.length) }, worker));
  }

  /** On a target of its own, with a folder of its own for temporary files. */
  async #isolated(chosen: Chosen): Promise<RanTest> {
    const scratch = new ScratchFolder();
    try {
      const bench = await this.#run.bench.fresh(scratch.env);
      try {
        await bench.ready();
        return await runTest({ ...this.#common, ...chosen, bench, sharing: true });
      } finally {
        await bench.close();
      }
    } catch (error) {
      // What ends a run ends it here too; whatever else keeps a target from starting is this test's.
      if (isUsage(error)) throw error;
      return without(chosen, {
        status: 'error',
        reason: `no target of its own could be started: ${messageOf(error)}`,
      });
    } finally {
      scratch.close(1);
    }
  }

  #add(ran: RanTest): void {
    this.#earlier.push(...ran.left.map((left) => ({ ...left, test: ran.result.id })));
    this.ran.push(ran);
    this.#run.onTest?.(ran.result);
  }
}

function without({ test }: Chosen, outcome: { status: 'skipped' | 'error'; reason: string }): RanTest {
  const result: TestResult = { ...resultOf(test, outcome, 0), ...outcome };
  return { result, left: [] };
}

function isUsage(error: unknown): boolean {
  return error instanceof Error && 'exitCode' in error && error.exitCode === exitCodes.usage;
}
