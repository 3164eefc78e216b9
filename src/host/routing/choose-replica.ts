import type { Random } from '../../core/random.js';
import { rendezvousWeight } from './rendezvous.js';
import type { Replica } from './replica.js';

/** Fewer samples than this say nothing of a replica's latency; then the number of calls in flight decides. */
const fewSamples = 5;

/** What a choice among replicas goes by. */
export interface ChoiceOptions {
  now: number;
  random: Random;
  /** The hash of the session or principal that should stay where it is. */
  affinity?: number | undefined;
  /** Replicas that are not wanted, such as those tried before. */
  exclude?: ReadonlySet<Replica> | undefined;
  /** False for a replica whose circuit breaker is open for the tool. */
  allows: (replica: Replica) => boolean;
}

/** A replica, and why it was chosen. */
export interface Choice {
  replica: Replica;
  reason: 'only' | 'affinity' | 'peak-ewma' | 'least-request' | 'panic' | 'last-resort';
}

/**
 * Chooses the replica of a call. Health goes before affinity, affinity before load: of two taken at random the one with the
 * lower peak-EWMA latency times calls in flight (Mitzenmacher, "The Power of Two Choices", 2001). When fewer than half are
 * left, those that were ejected as outliers are asked again (panic); those that cannot be reached only when there is
 * nothing else at all.
 */
export function chooseReplica(replicas: readonly Replica[], options: ChoiceOptions): Choice | undefined {
  const { now, exclude } = options;
  let reachable = 0;
  const usable: Replica[] = [];
  const ejected: Replica[] = [];
  for (const replica of replicas) {
    if (!replica.reachable(now)) continue;
    reachable++;
    if (exclude?.has(replica) === true || !options.allows(replica)) continue;
    if (replica.ejected(now)) ejected.push(replica);
    else usable.push(replica);
  }
  const panic = ejected.length > 0 && (reachable - ejected.length) * 2 < replicas.length;
  const candidates = panic || usable.length === 0 ? [...usable, ...ejected] : usable;
  if (candidates.length === 0) return lastResort(replicas, options);
  const choice = among(candidates, options);
  return panic && choice.replica.ejected(now) ? { ...choice, reason: 'panic' } : choice;
}

function among(candidates: readonly Replica[], { now, random, affinity }: ChoiceOptions): Choice {
  const [only] = candidates;
  if (candidates.length === 1) return { replica: only!, reason: 'only' };
  if (affinity !== undefined) return { replica: preferred(candidates, affinity), reason: 'affinity' };
  const first = random.integer(0, candidates.length - 1);
  const other = random.integer(0, candidates.length - 2);
  const a = candidates[first]!;
  const b = candidates[other >= first ? other + 1 : other]!;
  if (a.latency.samples < fewSamples || b.latency.samples < fewSamples) {
    if (a.inFlight !== b.inFlight) {
      return { replica: a.inFlight < b.inFlight ? a : b, reason: 'least-request' };
    }
    return { replica: a.latency.samples <= b.latency.samples ? a : b, reason: 'least-request' };
  }
  return { replica: a.load(now) <= b.load(now) ? a : b, reason: 'peak-ewma' };
}

function preferred(candidates: readonly Replica[], affinity: number): Replica {
  let best = candidates[0]!;
  let heaviest = -1;
  for (const replica of candidates) {
    const weight = rendezvousWeight(affinity, replica.hash);
    if (weight > heaviest) {
      heaviest = weight;
      best = replica;
    }
  }
  return best;
}

/** Nothing can be reached: a call that fails with the server's own words says more than one that was never made. */
function lastResort(replicas: readonly Replica[], options: ChoiceOptions): Choice | undefined {
  const left = replicas.filter(
    (replica) =>
      replica.health !== 'draining' && options.exclude?.has(replica) !== true && options.allows(replica),
  );
  if (left.length === 0) return undefined;
  return { replica: left[options.random.integer(0, left.length - 1)]!, reason: 'last-resort' };
}
