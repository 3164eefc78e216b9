import { usageError, type ExitCode, type RunResult } from '../../core/index.js';
import { baselineOf, readRunFile } from '../../store/index.js';
import { compareAgainst } from '../../suite/compare/against-base.js';
import { storedResult } from '../../suite/compare/stored-result.js';
import type { CommandContext } from '../command.js';
import { finish } from '../results.js';

/** Compares two stored runs; nothing is started and nothing is stored anew. */
export async function compareStored(
  context: CommandContext,
  sides: { a: string; b: string },
): Promise<ExitCode> {
  const { settings } = context;
  const startedAt = new Date();
  const [a, b] = await Promise.all([readRunFile(sides.a), readRunFile(sides.b)]);
  const baseline = baselineOf('A', a);
  refuseEmpty(b);
  const [base, now] = [`run ${a.id}`, `run ${b.id}`];
  const comparison = compareAgainst(baseline, b, { tolerance: settings.tolerance, base, now, baseRun: a });
  const result = storedResult(b, comparison, {
    base,
    startedAt,
    allowInconclusive: settings.allowInconclusive,
    plan: { command: context.command, a: sides.a, b: sides.b, tolerance: settings.tolerance },
  });
  return await finish(context, result, { store: false });
}

function refuseEmpty(run: RunResult): void {
  const calls = run.tests.reduce((sum, test) => sum + (test.metrics['calls.total']?.value ?? 0), 0);
  if (calls > 0) return;
  throw usageError(
    `The run ${run.id} made no calls: nothing can be compared with it`,
    'Take a run that measured something.',
  );
}
