import type { BlockEvidence } from '../../analysis/index.js';
import { DynoError } from '../../core/errors.js';
import { loadParts, type LoadHooks, type LoadParts, type LoadReport } from '../../load/index.js';
import { MachineMeter } from '../../measure/index.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import { TargetWatch } from '../target-watch.js';
import type { Side } from './side.js';

/** What one block came to: a load of one build, in a process of its own where we start it. */
export interface Block {
  /** Undefined where it could not even begin. */
  report: LoadReport | undefined;
  parts: LoadParts | undefined;
  evidence: BlockEvidence;
  /** Why its server ended or did not start; undefined where it lived. */
  died: string | undefined;
  /** What to do about that, where it is known. */
  hint?: string | undefined;
}

/** How a block is run. */
export interface BlockOptions extends Pick<LoadHooks, 'stop' | 'abort' | 'onProgress'> {
  plan: LoadPlan;
  /** Whether the target's processes are watched too. */
  watch: boolean;
}

/** Runs one block. Whatever its server does is a result. @throws DynoError (104) for a wrong plan. */
export async function runBlock({ bench }: Side, { plan, watch, ...hooks }: BlockOptions): Promise<Block> {
  const meter = new MachineMeter();
  const target = new TargetWatch();
  try {
    const report = await bench.runner.run(plan, bench.loadTarget, {
      ...hooks,
      onStart: ({ pids }) => {
        // Only the measuring counts: starting a server is another question.
        meter.read();
        if (watch) target.start(bench.resources(pids));
      },
    });
    const { stealCores, cores } = meter.read();
    const use = watch ? await target.stop() : undefined;
    const own = loadParts(plan, report);
    const parts = { ...own, metrics: { ...own.metrics, ...use?.metrics } };
    const evidence: BlockEvidence = {
      limited: parts.generator?.limited === true,
      stealPercent: stealCores === null ? null : (100 * stealCores) / cores,
      mix: Object.fromEntries(
        Object.entries(parts.operations).map(([name, { metrics }]) => [
          name,
          metrics['calls.total']?.value ?? 0,
        ]),
      ),
      ...(report.died === undefined ? {} : { broken: 'a server ended in the middle of a block' }),
    };
    return { report, parts, evidence, died: report.died };
  } catch (error) {
    if (watch) await target.stop();
    if (!(error instanceof DynoError) || error.exitCode === 104) throw error;
    const evidence = { limited: false, broken: 'a server did not start' };
    return { report: undefined, parts: undefined, evidence, died: error.message, hint: error.hint };
  }
}
