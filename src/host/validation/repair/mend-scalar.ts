import type { Json, JsonObject } from '../../../core/json.js';
import { editDistance } from '../../../core/nearest.js';
import { canonical } from '../schema/unique-items.js';
import { matchingTexts } from './matching-text.js';

/** Says whether a text matches a pattern; false where it would take too long. */
export type Matches = (pattern: string, text: string) => boolean;

/** A text that is valid in each of the formats, to stand in for the real one. */
const formatSamples: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  time: '00:00:00Z',
  'date-time': '2026-01-01T00:00:00Z',
  'iso-time': '00:00:00Z',
  'iso-date-time': '2026-01-01T00:00:00Z',
  duration: 'P1D',
  uri: 'https://example.com/',
  'uri-reference': 'https://example.com/',
  'uri-template': 'https://example.com/{id}',
  url: 'https://example.com/',
  iri: 'https://example.com/',
  'iri-reference': 'https://example.com/',
  email: 'user@example.com',
  'idn-email': 'user@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000000',
  regex: '.*',
  'json-pointer': '/a',
  'json-pointer-uri-fragment': '#/a',
  'relative-json-pointer': '0',
  byte: 'AAAA',
};

/** The allowed value that is nearest to a value: the same but for case and blanks, else with the fewest changes. */
export function nearestChoice(choices: readonly Json[], value: Json): Json {
  const same = choices.find((choice) => canonical(choice) === canonical(value));
  if (same !== undefined) return same;
  const text = plain(value);
  let best: Json = choices[0]!;
  let least = Infinity;
  for (const choice of choices.slice(0, 500)) {
    const distance = editDistance(text, plain(choice));
    if (distance < least) {
      least = distance;
      best = choice;
    }
  }
  return best;
}

function plain(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text
    .slice(0, 60)
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
}

/** The nearest number within the bounds of a schema. */
export function mendNumber(schema: JsonObject, value: number, integer: boolean): number {
  const bound = (keyword: string) => (typeof schema[keyword] === 'number' ? schema[keyword] : undefined);
  const low = bound('minimum');
  const above = bound('exclusiveMinimum');
  const high = bound('maximum');
  const below = bound('exclusiveMaximum');
  const step = bound('multipleOf') ?? (integer ? 1 : undefined);
  const unit = integer && step !== undefined && !Number.isInteger(step) ? wholeMultiple(step) : step;
  const within = (n: number) =>
    (low === undefined || n >= low) &&
    (above === undefined || n > above) &&
    (high === undefined || n <= high) &&
    (below === undefined || n < below);
  const snap = (n: number, round: (x: number) => number) =>
    unit === undefined ? n : Number((round(n / unit) * unit).toPrecision(15));
  const least = Math.max(low ?? -Infinity, above ?? -Infinity);
  const most = Math.min(high ?? Infinity, below ?? Infinity);
  const gap = Number.isFinite(most - least) && most > least ? (most - least) / 2 : 1;
  const start = Math.min(Math.max(value, least), most);
  const candidates = [
    value,
    snap(value, Math.round),
    snap(start, Math.round),
    snap(start, Math.floor),
    snap(start, Math.ceil),
    snap(start, Math.floor) + (unit ?? gap),
    snap(start, Math.ceil) - (unit ?? gap),
    start + Math.min(gap, 1e-3),
    start - Math.min(gap, 1e-3),
    Number.isFinite(least + most) ? (least + most) / 2 : start,
  ];
  const fits = (n: number) =>
    within(n) &&
    (!integer || Number.isInteger(n)) &&
    (unit === undefined || Number.isInteger(n / unit) || Number.isInteger(Number((n / unit).toFixed(9))));
  const found = candidates.filter(fits).sort((a, b) => Math.abs(a - value) - Math.abs(b - value));
  return found[0] ?? start;
}

/** The smallest whole number that is a multiple of a fraction such as 0.5. */
function wholeMultiple(step: number): number {
  for (let k = 1; k <= 1000; k++) {
    if (Number.isInteger(Number((k * step).toPrecision(12)))) return k * step;
  }
  return step;
}

/** The nearest text that a schema allows. */
export function mendText(schema: JsonObject, value: string, matches: Matches): string {
  const least = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0;
  const most = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : Infinity;
  const { format, pattern } = schema;
  const fitsLength = (text: string) => {
    const length = [...text].length;
    return length >= least && length <= most;
  };
  const fits = (text: string) => fitsLength(text) && (typeof pattern !== 'string' || matches(pattern, text));
  const characters = [...value];
  const cut = characters.length > most ? characters.slice(0, most).join('') : value;
  const filled =
    characters.length < least ? cut + (characters.at(-1) ?? 'x').repeat(least - characters.length) : cut;
  const near = [value, value.trim(), value.toLowerCase(), value.toUpperCase(), cut, filled];
  if (typeof format === 'string') near.push(...reformatted(format, value));
  const fitting = near.find(fits);
  if (fitting !== undefined) return fitting;
  if (typeof pattern === 'string') {
    for (const text of matchingTexts(pattern, least)) {
      const shorter = Number.isFinite(most) ? [...text].slice(0, most).join('') : text;
      if (fits(text)) return text;
      if (fits(shorter)) return shorter;
    }
  }
  return filled;
}

/** The text in a format, where it can be told what was meant; and the sample that stands in otherwise. */
export function reformatted(format: string, value: string): string[] {
  const found: string[] = [];
  const trimmed = value.trim();
  const day = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?/.exec(trimmed);
  if (day !== null) {
    const [, year, month, date, hours = '0', minutes = '00', seconds = '00'] = day;
    const iso = `${year!}-${month!.padStart(2, '0')}-${date!.padStart(2, '0')}`;
    if (format === 'date') found.push(iso);
    if (format === 'date-time') found.push(`${iso}T${hours.padStart(2, '0')}:${minutes}:${seconds}Z`);
  }
  if (/^ur[il]|^iri/.test(format) && /^[a-z0-9-]+(\.[a-z0-9-]+)+(\/|$)/i.test(trimmed)) {
    found.push(`https://${trimmed}`);
  }
  const sample = formatSamples[format];
  if (sample !== undefined) found.push(sample);
  return found;
}

/** The sample that stands in for a text of a format. */
export function formatSample(format: string): string | undefined {
  return formatSamples[format];
}
