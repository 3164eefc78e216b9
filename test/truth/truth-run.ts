import { appendFileSync } from 'node:fs';
import { localRunner, type LoadReport, type LoadTarget } from '../../src/load/index.js';
import type { LoadPlan, OperationPlan } from '../../src/plan/load-plan.js';

/** One line of docs/truth.md: what was shown, the truth, what dyno measured, and how far apart they may be and why. */
export function record(row: {
  claim: string;
  server: string;
  truth: string;
  measured: string;
  tolerance: string;
}): void {
  // Set by `npm run truth`, which makes docs/truth.md of these lines.
  const file = process.env['DYNO_TRUTH'];
  if (file !== undefined && file !== '') appendFileSync(file, `${JSON.stringify(row)}\n`);
}

/** The call that every truth server answers. */
export const getInventory: OperationPlan = {
  name: 'tools/call get_inventory',
  method: 'tools/call',
  tool: 'get_inventory',
  weight: 1,
  params: [{ name: 'get_inventory', arguments: { item_id: 'ITEM001' } }],
};

/** A plan with everything that a truth does not care about. */
export function planned(part: Pick<LoadPlan, 'executor'> & Partial<LoadPlan>): LoadPlan {
  return {
    operations: [getInventory],
    warmup: { kind: 'none' },
    timeoutMs: 10_000,
    session: 'shared',
    seed: 1,
    workers: 1,
    gracefulStopMs: 5000,
    ...part,
  };
}

/** How a load reaches a truth server. */
export const httpTarget = (url: string): LoadTarget => ({
  kind: 'http',
  url,
  headers: {},
  era: 'session',
  protocolVersion: '2025-11-25',
});

/**
 * Runs a load again, up to five times in all, while the machine disturbs the measuring by the generator's own account:
 * its p99 lateness above `lagMs`. On a shared machine that says nothing about the numbers, only about the neighbours.
 */
export async function undisturbed(run: () => Promise<LoadReport>, lagMs = 0.5): Promise<LoadReport> {
  for (let attempt = 1; ; attempt++) {
    const report = await run();
    if ((report.scheduleLag.histogram.quantile(0.99) ?? 0) <= lagMs || attempt === 5) return report;
  }
}

/** Runs a plan on threads of this machine. */
export const runLoad = (
  target: LoadTarget,
  part: Pick<LoadPlan, 'executor'> & Partial<LoadPlan>,
): Promise<LoadReport> => localRunner.run(planned(part), target);
