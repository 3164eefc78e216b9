import { didYouMean, isJsonObject, usageError, type JsonObject } from '../../core/index.js';
import type { DirectionConditions, NetworkConditions } from './conditions.js';
import {
  readBytes,
  readCuts,
  readDistribution,
  readLongTime,
  readRate,
  readShare,
  readSlice,
  readStall,
  readTime,
} from './values.js';

/** One thing of a network that can be set, by flag (`--slow-close-up`) or over the HTTP API (`slowCloseUp`). */
export interface NetworkSetting {
  /** In camel case. */
  name: string;
  placeholder: string;
  help: string;
  /** Sets it. @throws DynoError (104) that names `what`. */
  set(conditions: NetworkConditions, text: string, what: string): void;
}

type SetDirection = (direction: DirectionConditions, text: string, what: string, share: number) => void;

/** A setting of both directions, and of each; `share` is 0.5 where a round trip is halved. */
function sided(
  name: string,
  placeholder: string,
  help: string,
  roundTrip: boolean,
  set: SetDirection,
): NetworkSetting[] {
  return [
    {
      name,
      placeholder,
      help: roundTrip ? `${help} of the round trip, half each way` : `${help}, each way`,
      set: (conditions, text, what) => {
        for (const direction of [conditions.up, conditions.down]) {
          set(direction, text, what, roundTrip ? 0.5 : 1);
        }
      },
    },
    ...(['up', 'down'] as const).map((side) => ({
      name: name + (side === 'up' ? 'Up' : 'Down'),
      placeholder,
      help: `${help}, ${side === 'up' ? 'from client to server' : 'from server to client'} only`,
      set: (conditions: NetworkConditions, text: string, what: string) => {
        set(conditions[side], text, what, 1);
      },
    })),
  ];
}

/** Everything that can be set, in the order of help. What is given later wins. */
export const networkSettings: readonly NetworkSetting[] = [
  ...sided('latency', 'TIME', 'latency', true, (direction, text, what, share) => {
    direction.latencyMs = readTime(text, what) * share;
  }),
  ...sided('jitter', 'TIME', 'jitter', true, (direction, text, what, share) => {
    direction.jitterMs = readTime(text, what) * share;
  }),
  ...sided(
    'distribution',
    'NAME',
    'of jitter: uniform, normal, exponential',
    false,
    (direction, text, what) => {
      direction.distribution = readDistribution(text, what);
    },
  ),
  ...sided('bandwidth', 'RATE', 'such as 10mbit or 1MB per second', false, (direction, text, what) => {
    direction.bandwidth = readRate(text, what);
  }),
  ...sided(
    'stall',
    'SHARE:TIME',
    'segments that come late, such as 2%:200ms',
    false,
    (direction, text, what) => {
      const { share, ms } = readStall(text, what);
      direction.stallShare = share;
      direction.stallMs = ms;
    },
  ),
  ...sided('slice', 'BYTES[:GAP]', 'pass bytes on in pieces', false, (direction, text, what) => {
    const { bytes, gapMs } = readSlice(text, what);
    direction.sliceBytes = bytes;
    direction.sliceGapMs = gapMs;
  }),
  ...sided('limit', 'SIZE', 'close a connection after so many bytes', false, (direction, text, what) => {
    direction.limitBytes = readBytes(text, what);
  }),
  ...sided('slowClose', 'TIME', 'pass closes on so much later', false, (direction, text, what) => {
    direction.slowCloseMs = readLongTime(text, what);
  }),
  {
    name: 'resetAfter',
    placeholder: 'TIME',
    help: 'reset each connection so long after it opened',
    set: (conditions, text, what) => {
      conditions.resetAfterMs = readLongTime(text, what);
    },
  },
  {
    name: 'resetShare',
    placeholder: 'SHARE',
    help: 'reset the connection at this share of chunks',
    set: (conditions, text, what) => {
      conditions.resetShare = readShare(text, what);
    },
  },
  {
    name: 'halfOpenAfter',
    placeholder: 'TIME',
    help: 'connections fall silent after this, unclosed',
    set: (conditions, text, what) => {
      conditions.halfOpenAfterMs = readLongTime(text, what);
    },
  },
  {
    name: 'cut',
    placeholder: 'FOR@AT[/EVERY]',
    help: 'no network for a while, such as 3s@10s/30s; hold:3s@10s keeps connections',
    set: (conditions, text, what) => {
      conditions.cuts = readCuts(text, what);
    },
  },
  {
    name: 'handshake',
    placeholder: 'yes|no',
    help: 'new connections cost a round trip (profiles: yes)',
    set: (conditions, text, what) => {
      if (!/^(yes|no|true|false)$/.test(text))
        throw usageError(`Expected ${what} to be yes or no, got '${text.slice(0, 60)}'`);
      conditions.handshake = text === 'yes' || text === 'true';
    },
  },
];

/**
 * Conditions with the settings of a JSON object (values as text, as one would type them) applied in the order of
 * {@link networkSettings}, so that one direction's own value wins over both's.
 *
 * @param nameOf how a setting is called where it came from, such as `--slow-close`.
 * @throws DynoError (104) for an unknown name (with the nearest), a wrong value, or jitter beyond the latency.
 */
export function applySettings(
  base: NetworkConditions,
  values: JsonObject,
  nameOf: (setting: NetworkSetting) => string = ({ name }) => `'${name}'`,
): NetworkConditions {
  const conditions = structuredClone(base);
  const known = networkSettings.map(({ name }) => name);
  for (const name of Object.keys(values)) {
    if (!known.includes(name)) {
      throw usageError(`A network has no '${name.slice(0, 60)}'`, didYouMean(name, known));
    }
  }
  for (const setting of networkSettings) {
    const value = values[setting.name];
    if (value === undefined) continue;
    const what = nameOf(setting);
    if (isJsonObject(value) || Array.isArray(value) || value === null) {
      throw usageError(
        `Expected ${what} to be a text such as ${setting.placeholder}, got ${JSON.stringify(value).slice(0, 60)}`,
      );
    }
    setting.set(conditions, String(value), what);
  }
  for (const side of ['up', 'down'] as const) {
    const { latencyMs, jitterMs, distribution } = conditions[side];
    if (distribution !== 'exponential' && jitterMs > latencyMs) {
      throw usageError(
        `Expected the jitter to be at most the latency, got ${jitterMs} ms on ${latencyMs} ms ${side}`,
        'Nothing can arrive before it was sent; a larger latency, or --distribution exponential, allows it.',
      );
    }
  }
  return conditions;
}

/** `slowClose` as `--slow-close`. */
export function settingFlag({ name }: Pick<NetworkSetting, 'name'>): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
