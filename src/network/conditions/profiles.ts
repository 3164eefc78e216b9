import { didYouMean, usageError } from '../../core/index.js';
import { clearConditions, type NetworkConditions } from './conditions.js';

/** A network with a name. */
export interface NetworkProfile {
  name: string;
  /** One line for help. */
  what: string;
  /** Where the figures come from. */
  source: string;
  conditions: NetworkConditions;
}

interface Figures {
  /** ms */
  roundTrip: number;
  /** ms, on the round trip */
  jitter: number;
  distribution?: 'normal' | 'exponential';
  /** Mbit/s */
  up: number;
  down: number;
  stall?: { share: number; ms: number };
}

function conditionsOf({ roundTrip, jitter, distribution, up, down, stall }: Figures): NetworkConditions {
  const conditions = clearConditions();
  conditions.handshake = true;
  for (const [direction, megabits] of [
    [conditions.up, up],
    [conditions.down, down],
  ] as const) {
    direction.latencyMs = roundTrip / 2;
    direction.jitterMs = jitter / 2;
    direction.distribution = distribution ?? 'uniform';
    direction.bandwidth = (megabits * 1e6) / 8;
    if (stall !== undefined) {
      direction.stallShare = stall.share;
      direction.stallMs = stall.ms;
    }
  }
  return conditions;
}

const webPageTest = 'WebPageTest, settings/connectivity.ini.sample';

/** The named networks, from near to far. */
export const networkProfiles: readonly NetworkProfile[] = [
  {
    name: 'lan',
    what: 'a switched office network: 0.5 ms, 1 Gbit/s',
    source: '1000BASE-T (IEEE 802.3ab); half a millisecond is ping through two switches',
    conditions: conditionsOf({ roundTrip: 0.5, jitter: 0.1, up: 1000, down: 1000 }),
  },
  {
    name: 'wifi',
    what: 'a home wireless network: 4 ms, 33/40 Mbit/s',
    source: 'bandwidths of the Wi-Fi profile of Apple Network Link Conditioner; delays of contention added',
    conditions: conditionsOf({ roundTrip: 4, jitter: 2, distribution: 'exponential', up: 33, down: 40 }),
  },
  {
    name: 'dsl',
    what: '50 ms, 0.384/1.5 Mbit/s',
    source: `${webPageTest}: DSL`,
    conditions: conditionsOf({ roundTrip: 50, jitter: 4, up: 0.384, down: 1.5 }),
  },
  {
    name: '3g',
    what: '300 ms, 0.768/1.6 Mbit/s, uneven',
    source: `${webPageTest}: 3G; the jitter is ours`,
    conditions: conditionsOf({ roundTrip: 300, jitter: 60, up: 0.768, down: 1.6 }),
  },
  {
    name: 'transatlantic',
    what: 'Europe to the east of North America: 80 ms, 100 Mbit/s',
    source:
      'light in fibre over 5,600 km and back takes 55 ms (RTT study arXiv 2301.07788); paths are longer',
    conditions: conditionsOf({ roundTrip: 80, jitter: 4, up: 100, down: 100 }),
  },
  {
    name: 'satellite',
    what: 'geostationary: 600 ms, 3/25 Mbit/s',
    source: 'RFC 2488, section 2: 239.6 ms for one hop up and down, 558 ms round trip with processing',
    conditions: conditionsOf({ roundTrip: 600, jitter: 20, up: 3, down: 25 }),
  },
  {
    name: 'lossy',
    what: '40 ms, 10 Mbit/s, 2 % of segments lost and sent again after 200 ms',
    source: 'Linux sends again after 200 ms at the least (TCP_RTO_MIN; RFC 6298 asks for 1 s)',
    conditions: conditionsOf({ roundTrip: 40, jitter: 4, up: 10, down: 10, stall: { share: 0.02, ms: 200 } }),
  },
];

/**
 * The profile with this name.
 *
 * @throws DynoError (104) with the nearest name.
 */
export function networkProfile(name: string, what = '--network'): NetworkProfile {
  const found = networkProfiles.find((profile) => profile.name === name);
  if (found !== undefined) return { ...found, conditions: structuredClone(found.conditions) };
  const names = networkProfiles.map((profile) => profile.name);
  throw usageError(
    `Expected ${what} to be one of ${names.join(', ')}, got '${name.slice(0, 60)}'`,
    didYouMean(name, names),
  );
}
