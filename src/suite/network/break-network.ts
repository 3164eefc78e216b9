import { sleep } from '../../core/clock.js';
import { clearConditions } from '../../network/index.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { OpenedBench } from '../bench.js';
import { addressOf } from '../through-network.js';
import type { LoadedPart, TestContext } from '../suite-test.js';
import { callAccounts, callCounter, type CallAccounts } from './accounts.js';
import type { NetworkBench } from './network-bench.js';
import { findOutage, type Outage, type OutageTick } from './outage.js';

/** What a load met when its network was cut, or its target started anew. */
export interface Breakage {
  part: LoadedPart;
  outage: Outage | undefined;
  accounts: CallAccounts;
}

/** Time in which all is well before the break, ms. */
const quietMs = 600;
/** Least time to come back in, ms: a machine that stood still for a moment is not a target that answers no more. */
const comeBackMs = 2000;
const slots = 20;

function openLoad(rate: number, durationMs: number): Pick<LoadPlan, 'executor'> & Partial<LoadPlan> {
  return {
    executor: {
      kind: 'constant-arrival-rate',
      rate,
      durationMs,
      vus: slots,
      arrivals: 'constant',
      maxWaiting: 10_000,
    },
  };
}

/** How long a load takes that is cut for `cutMs`, ms. */
export function cutLoadMs(cutMs: number): number {
  return quietMs + cutMs + Math.max(comeBackMs, cutMs);
}

/**
 * An open load in whose middle the network is cut: over HTTP connections are reset and new ones refused, over stdio
 * everything is held back.
 */
export async function cutNetwork(
  context: TestContext,
  network: NetworkBench,
  { rate, cutMs }: { rate: number; cutMs: number },
): Promise<Breakage> {
  await network.set(clearConditions());
  const counter = await callCounter(context.bench);
  const before = await counter?.();
  let cutAt: number | undefined;
  let cutting = Promise.resolve();
  const bench = network.bench(() => {
    cutting = sleep(quietMs).then(async () => {
      cutAt = Date.now();
      await network.cut(cutMs);
    });
  });
  const part = await context.load(openLoad(rate, cutLoadMs(cutMs)), `cut for ${cutMs} ms`, { bench });
  await cutting;
  const after = await counter?.();
  const executed = before === undefined || after === undefined ? undefined : after - before;
  const from = cutAt === undefined ? undefined : cutAt - part.report.startedAt;
  return { part, outage: findOutage(ticksOf(part), from), accounts: callAccounts(part.report, executed) };
}

/** An open load in whose middle the target is stopped and started anew, on another port; and how long its start took, ms. */
export async function restartTarget(
  context: TestContext,
  network: NetworkBench,
  { rate }: { rate: number },
): Promise<(Breakage & { startMs: number }) | undefined> {
  const { proxy } = network;
  if (proxy === undefined) return undefined;
  await network.set(clearConditions());
  const began = performance.now();
  const first = await context.bench.fresh();
  const expectedMs = performance.now() - began;
  await first.ready();
  await proxy.setUpstream(addressIn(first));
  let stoppedAt = 0;
  let startMs = 0;
  let restarting: Promise<OpenedBench | undefined> = Promise.resolve(undefined);
  const bench = network.bench(() => {
    restarting = sleep(quietMs).then(async () => {
      stoppedAt = Date.now();
      await first.close();
      const starts = performance.now();
      const second = await context.bench.fresh();
      await proxy.setUpstream(addressIn(second));
      startMs = performance.now() - starts;
      await second.ready();
      return second;
    });
    // A start that fails is told once the load is over.
    restarting.catch(() => undefined);
  });
  const loadMs = quietMs + Math.max(1000, 3 * expectedMs) + comeBackMs;
  try {
    const part = await context.load(openLoad(rate, loadMs), 'restart of the target', { bench });
    const second = await restarting;
    await second?.close();
    const outage = findOutage(ticksOf(part), stoppedAt - part.report.startedAt);
    return { part, outage, accounts: callAccounts(part.report, undefined), startMs };
  } finally {
    await first.close();
  }
}

function addressIn(bench: OpenedBench): { host: string; port: number } {
  const { loadTarget } = bench;
  if (loadTarget.kind === 'stdio') throw new Error('a pipe has no address');
  return loadTarget.via ?? addressOf(loadTarget.url);
}

function ticksOf({ report }: LoadedPart): OutageTick[] {
  return report.series
    .filter((point) => point.fromMs >= 0 && point.toMs <= report.windowMs + 1)
    .map(({ fromMs, toMs, operations }) => ({
      fromMs,
      toMs,
      ok: operations.reduce((sum, { ok }) => sum + ok, 0),
      failed: operations.reduce((sum, { failed }) => sum + failed.reduce((a, b) => a + b, 0), 0),
    }));
}
