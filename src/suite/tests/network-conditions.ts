import type { JsonObject } from '../../core/json.js';
import type { Metrics, TimeWindow } from '../../core/run-result.js';
import { clearConditions, networkProfiles, roundTripMs, type NetworkProfile } from '../../network/index.js';
import { accountMetrics } from '../network/accounts.js';
import { cutLoadMs, cutNetwork, restartTarget, type Breakage } from '../network/break-network.js';
import { NetworkBench } from '../network/network-bench.js';
import type { LoadedPart, ParameterValues, SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { joinedParts } from './joined-parts.js';

/** How much longer the time of a network is for a round trip of a second: enough calls come back to say something. */
const perRoundTrip = 8;
/** Calls per 100 ms that an outage is found by. */
const leastPerTick = 3;
/** A network that passes bytes on later than this is not the one that was asked for, ms. */
const mostLateMs = 1;
/** Below this share of good calls on a network the target is at fault. */
const leastSuccess = 0.9;

const numbered = networkProfiles.map(({ name }, index) => `${index + 1} ${name}`).join(', ');

/** The same load over worse networks, and what a cut and a restart do to it. */
export const networkConditions: SuiteTest = {
  id: 'network-conditions',
  title: 'The same load over worse networks',
  tags: ['performance', 'network'],
  explain:
    'Runs the same closed load without a network and over named ones (in a proxy of its own; over stdio in the pipe), and gives ' +
    'latency and success of each as NAME.*, with NAME.shift: how much the median moved. Then cuts the network in the middle of ' +
    'an open load and gives the time until answers came again (cut.recovery) and where every call went: ok, answered badly, ' +
    'done but the answer lost, never arrived, done twice (the last three where the server counts its calls, as the bundled one ' +
    'does). A target that dyno starts is also restarted on another port in the middle of a load (restart.*). Decides itself that ' +
    'success on every network is at least 0.9, that no call is done twice, and that the load recovers.',
  parameters: {
    networks: {
      what: `which networks: ${numbered}`,
      smoke: [1, 3],
      quick: [1, 2, 3, 5, 7],
      full: [1, 2, 3, 4, 5, 6, 7],
      min: 1,
      max: networkProfiles.length,
    },
    inFlight: { what: 'calls in flight', smoke: 4, quick: 4, full: 4, min: 1, max: 10_000 },
    duration: {
      what: 'time of each network, ms; slow ones take eight round trips if that is more',
      smoke: 300,
      quick: 1000,
      full: 10_000,
      min: 50,
      max: 86_400_000,
    },
    rate: {
      what: 'calls per second during cut and restart',
      smoke: 100,
      quick: 100,
      full: 100,
      min: 1,
      max: 100_000,
    },
    cut: {
      what: 'how long the network is cut, ms; 0: not',
      smoke: 300,
      quick: 1000,
      full: 3000,
      min: 0,
      max: 600_000,
    },
    restart: { what: 'restart the target: 1 yes, 0 no', smoke: 0, quick: 1, full: 1, min: 0, max: 1 },
  },
  onlyNamed: ['smoke', 'quick'],
  limitMs: (parameters) => {
    const cutMs = Number(parameters['cut']);
    const networks = networksOf(parameters).map(
      ({ conditions }) => networkMs(parameters, roundTripMs(conditions)) + 10_000,
    );
    const restart = Number(parameters['restart']) === 1 ? 60_000 : 0;
    return (
      5000 + networks.reduce((sum, ms) => sum + ms, 0) + (cutMs > 0 ? cutLoadMs(cutMs) + 5000 : 0) + restart
    );
  },
  run: async (context) => {
    const network = await NetworkBench.open(context.bench, 1);
    try {
      return await runOver(context, network);
    } finally {
      await network.close();
    }
  },
};

interface Measured {
  /** How late the simulated network was beyond its conditions, mean so far, ms; undefined over stdio. */
  lateMs: number | undefined;
  name: string;
  profile: NetworkProfile | undefined;
  part: LoadedPart;
}

async function runOver(context: TestContext, network: NetworkBench): Promise<TestOutcome> {
  const measured: Measured[] = [];
  for (const profile of [undefined, ...networksOf(context.parameters)]) {
    if (context.stop.aborted) break;
    await network.set(profile?.conditions ?? clearConditions());
    const roundTrip = profile === undefined ? 0 : roundTripMs(profile.conditions);
    const part = await context.load(
      {
        executor: {
          kind: 'constant-vus',
          vus: context.number('inFlight'),
          durationMs: networkMs(context.parameters, roundTrip),
        },
      },
      profile?.name ?? 'no network',
      { bench: network.bench() },
    );
    const lateMs = (await network.proxy?.stats())?.late.meanMs;
    measured.push({ name: profile?.name ?? 'clean', profile, part, lateMs });
    if (part.report.died !== undefined) return outcomeOf(measured, undefined, undefined, []);
  }
  const notJudged: string[] = [];
  const rate = rateFor(context, measured);
  const { cut, restart } = await breaks(context, network, rate, notJudged);
  return outcomeOf(measured, cut, restart, notJudged);
}

async function breaks(
  context: TestContext,
  network: NetworkBench,
  rate: number | undefined,
  notJudged: string[],
): Promise<{ cut?: Breakage; restart?: Breakage & { startMs: number } }> {
  if (rate === undefined) {
    notJudged.push(`recovery: the target answers too few calls per second to see when it answers again`);
    return {};
  }
  if (context.stop.aborted) return {};
  const cutMs = context.number('cut');
  const cut = cutMs > 0 ? { cut: await cutNetwork(context, network, { rate, cutMs }) } : {};
  if (cut.cut !== undefined && cut.cut.accounts.doubled === undefined) {
    notJudged.push('lost and doubled calls: this server does not count its calls (the bundled one does)');
  }
  if (context.number('restart') === 0 || context.stop.aborted) return cut;
  if (!context.bench.startable) notJudged.push('restart: a target given by its URL is not ours to stop');
  else if (network.proxy === undefined) notJudged.push('restart: over stdio the pipe ends with the process');
  else {
    const restart = await restartTarget(context, network, { rate });
    return { ...cut, ...(restart === undefined ? {} : { restart }) };
  }
  return cut;
}

function networksOf(parameters: ParameterValues): NetworkProfile[] {
  return (parameters['networks'] as number[]).map((number) => networkProfiles[number - 1]!);
}

function networkMs(parameters: ParameterValues, roundTrip: number): number {
  return Math.max(Number(parameters['duration']), roundTrip * perRoundTrip);
}

/** Half of what the target carries at most, so that the break is seen and not a queue. */
function rateFor(context: TestContext, [clean]: readonly Measured[]): number | undefined {
  const carried = clean?.part.parts.metrics['throughput']?.value ?? 0;
  const rate = Math.min(context.number('rate'), carried / 2);
  return rate >= leastPerTick * 10 ? rate : undefined;
}

function outcomeOf(
  measured: readonly Measured[],
  cut: Breakage | undefined,
  restart: (Breakage & { startMs: number }) | undefined,
  notJudged: readonly string[],
): TestOutcome {
  const joined = joinedParts(measured.map(({ part }) => part));
  const metrics: Metrics = { ...joined.metrics };
  const faults: string[] = [];
  const clean = measured[0]?.part.parts.metrics['latency.p50']?.value ?? null;
  for (const one of measured) addNetwork(metrics, faults, { ...one, clean });
  const lateMs = measured.at(-1)?.lateMs ?? 0;
  metrics['network.late'] = { value: measured.at(-1)?.lateMs ?? null, unit: 'ms' };
  const cutMs = cut && addBreak(metrics, faults, 'cut', cut);
  const restartMs = restart && addBreak(metrics, faults, 'restart', restart);
  if (restart !== undefined) metrics['restart.start'] = { value: Math.round(restart.startMs), unit: 'ms' };
  return {
    ...joined,
    metrics,
    notes: [...(joined.notes ?? []), ...(lateMs > mostLateMs ? [lateNote(lateMs)] : [])],
    notJudged: [...(joined.notJudged ?? []), ...notJudged],
    windows: [...(joined.windows ?? []), ...windowsOf(measured)],
    ...(faults.length > 0 ? { status: 'fail', reason: faults.join('; ') } : {}),
    finding: findingOf(measured.length - 1, cutMs, restartMs),
    details: { networks: measured.map((one) => rowOf(one, clean)) },
  };
}

function addNetwork(
  metrics: Metrics,
  faults: string[],
  { name, profile, part, clean }: Measured & { clean: number | null },
): void {
  const { metrics: own } = part.parts;
  for (const key of [
    'calls.total',
    'throughput',
    'success_rate',
    'latency.p50',
    'latency.p95',
    'latency.p99',
  ]) {
    if (own[key] !== undefined) metrics[`${name}.${key}`] = own[key];
  }
  const p50 = own['latency.p50']?.value ?? null;
  if (profile !== undefined) {
    metrics[`${name}.shift`] = { value: p50 === null || clean === null ? null : p50 - clean, unit: 'ms' };
  }
  const success = own['success_rate']?.value ?? null;
  if (success !== null && success < leastSuccess) {
    faults.push(
      `success ${(success * 100).toFixed(1)} % over ${name}, at least ${leastSuccess * 100} % expected`,
    );
  }
}

/** @returns the time to recovery, ms. */
function addBreak(
  metrics: Metrics,
  faults: string[],
  kind: 'cut' | 'restart',
  found: Breakage,
): number | undefined {
  const { outage, accounts, part } = found;
  const what = kind === 'cut' ? 'the cut' : 'its restart';
  const longest = part.parts.metrics['latency.max'];
  const seen = outage?.toMs === undefined ? undefined : Math.max(0, outage.toMs - outage.fromMs);
  // Where nothing failed but all was held back, whoever waited longest knows better than intervals do.
  const held = accounts.sent === accounts.ok ? (longest?.value ?? 0) : 0;
  const recovery = seen === undefined ? undefined : Math.max(seen, held);
  metrics[`${kind}.recovery`] = { value: recovery === undefined ? null : Math.round(recovery), unit: 'ms' };
  metrics[`${kind}.errors`] = { value: accounts.sent - accounts.ok, unit: 'count' };
  metrics[`${kind}.latency.max`] = longest ?? { value: null, unit: 'ms' };
  Object.assign(metrics, accountMetrics(kind, accounts));
  if (outage !== undefined && outage.toMs === undefined)
    faults.push(`no answers came any more after ${what}`);
  if (accounts.doubled !== undefined && accounts.doubled > 0) {
    faults.push(`${accounts.doubled} calls were done twice around ${what}`);
  }
  if (accounts.unaccounted !== 0) faults.push(`${accounts.unaccounted} calls are not accounted for`);
  return recovery;
}

function lateNote(lateMs: number): string {
  return (
    `The simulated network passed bytes on ${lateMs.toFixed(1)} ms late on average, each way: this machine was busy, and ` +
    'latencies over networks are longer by that.'
  );
}

function windowsOf(measured: readonly Measured[]): TimeWindow[] {
  let at = 0;
  return measured.map(({ name, part }) => {
    const from = at;
    at += part.report.elapsedMs / 1000;
    return { kind: name === 'clean' ? ('idle' as const) : ('fault' as const), label: name, from, to: at };
  });
}

function rowOf({ name, profile, part }: Measured, clean: number | null): JsonObject {
  const value = (key: string) => part.parts.metrics[key]?.value ?? null;
  const p50 = value('latency.p50');
  return {
    network: name,
    round_trip_ms: profile === undefined ? 0 : roundTripMs(profile.conditions),
    p50,
    shift: p50 === null || clean === null ? null : p50 - clean,
    p99: value('latency.p99'),
    throughput: value('throughput'),
    success_rate: value('success_rate'),
  };
}

function findingOf(networks: number, cutMs: number | undefined, restartMs: number | undefined): string {
  const parts = [`${networks} networks`];
  if (cutMs !== undefined) parts.push(`answers again ${(cutMs / 1000).toFixed(2)} s after the cut began`);
  if (restartMs !== undefined) parts.push(`${(restartMs / 1000).toFixed(2)} s after the restart began`);
  return parts.join(', ');
}
