import { isJsonObject, type Json, type JsonObject, type Random } from '../../core/index.js';
import type { Checker } from '../arguments/index.js';
import { schemaLimits } from '../arguments/local-schema.js';
import { distinct } from './breaches.js';
import { dataSizes, type DataSample } from './data-shape.js';
import { isClosed, valueAt, withValue, type Place } from './places.js';

const mostSamples = 4;
/** Items of one list: more would say nothing that their size does not. */
const mostItems = 1_000_000;
/** Fillers of a text that must match a pattern. */
const plainFillers = ['a', 'A', '0', 'a1', '-', '_', '.', '/', ' '];

/** What large data came to. */
export interface LargeSamples {
  samples: DataSample[];
  /** Bytes of the largest as JSON. */
  bytes: number;
}

/**
 * Arguments of so many bytes as JSON, spread over every text and list that may be long; less where the schema bounds them
 * all.
 */
export function largeSamples(
  places: readonly Place[],
  checker: Pick<Checker, 'errors'>,
  { bytes, random }: { bytes: number; random: Random },
): LargeSamples {
  const samples: DataSample[] = [];
  const count = Math.max(1, Math.min(mostSamples, Math.floor(dataSizes.total / bytes)));
  for (let i = 0; i < count; i++) {
    const args = grown(places, checker, bytes, random.fork(`large ${i}`));
    const size = args === undefined ? 0 : sizeOf(args);
    if (args === undefined || samples.some((other) => sizeOf(other.args) === size && same(other.args, args)))
      continue;
    samples.push({ shape: 'large', name: `${size} bytes`, args });
  }
  return { samples, bytes: Math.max(0, ...samples.map(({ args }) => sizeOf(args))) };
}

/** Bytes of a value as JSON. */
export function sizeOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function same(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Something that can be made longer. */
interface Growing {
  place: Place;
  /** Bytes that it can hold beyond what it holds. */
  room: number;
  grow(value: Json, bytes: number): Json;
}

function grown(
  places: readonly Place[],
  checker: Pick<Checker, 'errors'>,
  bytes: number,
  random: Random,
): JsonObject | undefined {
  const [root] = places;
  if (root === undefined) return undefined;
  const fits = (candidate: JsonObject) => checker.errors(candidate).length === 0;
  const growing = outermost(places.flatMap((place) => growingOf(place, checker, random)));
  // The narrow ones first: what they leave is for the others.
  growing.sort((a, b) => a.room - b.room);
  let args = root.args;
  let changed = false;
  for (const [index, { place, grow }] of growing.entries()) {
    const left = bytes - sizeOf(args);
    const share = index === growing.length - 1 ? left : Math.floor(left / (growing.length - index));
    if (share <= 0) continue;
    for (const base of [args, ...(changed ? [] : [place.args])]) {
      const value = valueAt(base, place.path) ?? place.value;
      const next = withValue(base, place.path, grow(value, Math.min(share, bytes - sizeOf(base))));
      if (!fits(next)) continue;
      args = next;
      changed = true;
      break;
    }
  }
  if (!changed) return undefined;
  return toTheByte(args, growing, bytes, fits);
}

/** Names of optional arguments and the ends of lists cost bytes of their own: the last text is given what is left. */
function toTheByte(
  args: JsonObject,
  growing: readonly Growing[],
  bytes: number,
  fits: (candidate: JsonObject) => boolean,
): JsonObject {
  let best = args;
  for (const { place } of [...growing].reverse()) {
    const left = bytes - sizeOf(best);
    if (left === 0) break;
    const value = valueAt(best, place.path);
    if (typeof value !== 'string' || typeof place.schema['pattern'] === 'string') continue;
    if (-left >= value.length) continue;
    const next = withValue(
      best,
      place.path,
      left > 0 ? value + value.slice(0, 1).repeat(left) : value.slice(0, left),
    );
    if (fits(next)) best = next;
  }
  return best;
}

/** What lies within a list that grows is copied with it: one of both grows, whichever can hold more. */
function outermost(growing: readonly Growing[]): Growing[] {
  const within = (inner: Growing, outer: Growing) =>
    inner.place.path.length > outer.place.path.length &&
    outer.place.path.every((step, index) => inner.place.path[index] === step);
  const lists = growing.filter(
    (list) =>
      Array.isArray(list.place.value) &&
      !growing.some((inner) => within(inner, list) && inner.room > list.room),
  );
  return growing.filter(
    (one) =>
      !lists.some((list) => within(one, list)) && (lists.includes(one) || !Array.isArray(one.place.value)),
  );
}

function growingOf(place: Place, checker: Pick<Checker, 'errors'>, random: Random): Growing[] {
  const { schema, value } = place;
  if (isClosed(schema)) return [];
  const fits = (candidate: Json) => checker.errors(withValue(place.args, place.path, candidate)).length === 0;
  if (typeof value === 'string') {
    const patterned = typeof schema['pattern'] === 'string';
    const max = Math.min(
      typeof schema['maxLength'] === 'number' ? schema['maxLength'] : Infinity,
      // No pattern is tried on longer texts, and one that is not tried is not known to match.
      patterned ? schemaLimits.textLength : Infinity,
    );
    const room = max - [...value].length;
    if (!(room > 0)) return [];
    const grow = patterned
      ? patternedText(value, max, fits)
      : (text: Json, bytes: number) =>
          wordy(String(text), Math.min(bytes, max - [...String(text)].length), random);
    if (grow === undefined || !fits(grow(value, 1))) return [];
    return [{ place, room, grow }];
  }
  if (Array.isArray(value) && value.length > 0) {
    const max = Math.min(typeof schema['maxItems'] === 'number' ? schema['maxItems'] : Infinity, mostItems);
    if (max <= value.length) return [];
    const grow = (list: Json, bytes: number) => longer(list as Json[], bytes, max);
    if (!fits(grow(value, sizeOf(value[0]!) + 20))) return [];
    return [{ place, room: (max - value.length) * (sizeOf(value[0]!) + 1), grow }];
  }
  return [];
}

/** More of the fillers that the pattern lets one add, if there is one. */
function patternedText(
  value: string,
  max: number,
  fits: (candidate: Json) => boolean,
): ((text: Json, bytes: number) => Json) | undefined {
  const probe = Math.min(200, max - value.length);
  if (probe <= 0) return undefined;
  const fillers = [...new Set([value.slice(-1), value, ...plainFillers])].filter(
    (filler) => /^[ -~]+$/.test(filler) && !/["\\]/.test(filler),
  );
  const filler = fillers.find((one) => fits(value + one.repeat(Math.max(1, Math.floor(probe / one.length)))));
  if (filler === undefined) return undefined;
  return (text, bytes) => {
    const room = Math.min(bytes, max - String(text).length);
    return String(text) + filler.repeat(Math.max(0, Math.floor(room / filler.length)));
  };
}

/** So many bytes of words after a text: ASCII, each a byte, none of them escaped in JSON. */
function wordy(text: string, bytes: number, random: Random): string {
  if (bytes <= 0) return text;
  let block = '';
  while (block.length < Math.min(bytes, 4096)) {
    const length = random.integer(2, 9);
    block += ' ';
    for (let i = 0; i < length; i++) block += String.fromCharCode(97 + random.integer(0, 25));
  }
  return text + block.repeat(Math.ceil(bytes / block.length)).slice(0, bytes);
}

function longer(list: readonly Json[], bytes: number, max: number): Json[] {
  const items = [...list];
  let left = bytes;
  while (items.length < max) {
    const item = list[items.length % list.length]!;
    const next = isJsonObject(item) || Array.isArray(item) ? item : distinct(item, items.length);
    left -= sizeOf(next) + 1;
    if (left < 0) break;
    items.push(next);
  }
  return items;
}
