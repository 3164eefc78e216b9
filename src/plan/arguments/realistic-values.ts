import type { Json, Random } from '../../core/index.js';
import { singular, wordsOf } from './field-words.js';

/** Draws one value. */
type Draw = (random: Random) => Json;

const oneOf =
  (...values: Json[]): Draw =>
  (random) =>
    random.pick(values);

const between =
  (min: number, max: number, digits = 0): Draw =>
  (random) =>
    Number((min + random.next() * (max - min)).toFixed(digits));

const hex = (random: Random, length: number): string =>
  Array.from({ length }, () => random.integer(0, 15).toString(16)).join('');

/** A random UUID (RFC 9562, version 4). */
export function uuid(random: Random): string {
  const digits = hex(random, 32);
  const variant = '89ab'[random.integer(0, 3)]!;
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}

/** A day within the last full years; nothing that a server could refuse as future. */
const day: Draw = (random) =>
  new Date(Date.UTC(random.integer(2022, 2024), random.integer(0, 11), random.integer(1, 28)))
    .toISOString()
    .slice(0, 10);

const moment: Draw = (random) => `${String(day(random))}T${String(random.integer(10, 20))}:30:00Z`;

const firstNames = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald'];
const lastNames = ['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Knuth'];
const cities = ['Berlin', 'London', 'Paris', 'Tokyo', 'New York', 'Madrid'];
const topics = ['lamp', 'coffee', 'garden', 'music', 'bridge', 'river'];
const sentences = [
  'Hello from mcp-dyno.',
  'The quick brown fox jumps over the lazy dog.',
  'How many of these are left?',
  'A short text to work with.',
];

/** Texts by what the last word (or last two) of a field's name says. The first rule that fits counts. */
const texts: readonly (readonly [RegExp, Draw])[] = [
  [/\be?mail\b/, (random) => `${random.pick(firstNames).toLowerCase()}@example.com`],
  [/\b(uuid|guid)\b/, (random) => uuid(random)],
  [/\b(url|uri|link|href|website|endpoint)\b/, oneOf('https://example.com/', 'https://example.org/page')],
  [/\b(domain|hostname|host)\b/, oneOf('example.com', 'example.org')],
  [/\bip( address)?\b/, oneOf('192.0.2.1', '198.51.100.7')],
  [/\b(phone|mobile|fax|telephone)( number)?\b/, oneOf('+1 202 555 0143', '+44 20 7946 0958')],
  [/\b(first|given) name\b/, oneOf(...firstNames)],
  [/\b(last|family|sur) ?name\b/, oneOf(...lastNames)],
  [
    /\b(full|person|author|contact|customer|display) name\b/,
    (random) => `${random.pick(firstNames)} ${random.pick(lastNames)}`,
  ],
  [/\b(user ?name|login|handle|owner|author|assignee)\b/, (random) => random.pick(firstNames).toLowerCase()],
  [/\b(city|town|location|place|destination|origin)\b/, oneOf(...cities)],
  [/\b(country code)\b/, oneOf('DE', 'US', 'JP')],
  [/\bcountry\b/, oneOf('Germany', 'Japan', 'Canada')],
  [/\b(state|province|region)\b/, oneOf('CA', 'NY')],
  [/\b(zip|postal|postcode)( code)?\b/, oneOf('10115', '94103')],
  [/\b(street|address)\b/, oneOf('1 Main Street', '221B Baker Street')],
  [/\b(language|lang|locale)( code)?\b/, oneOf('en', 'de')],
  [/\b(currency)( code)?\b/, oneOf('EUR', 'USD')],
  [/\b(time ?zone|tz)\b/, oneOf('Europe/Berlin', 'UTC')],
  [/\b(latitude|lat)\b/, oneOf('52.52', '48.85')],
  [/\b(longitude|lon|lng|long)\b/, oneOf('13.40', '2.35')],
  [/\b(timestamp|date ?time|created at|updated at|at)$/, moment],
  [/\b(date|day|birthday|since|until|from|to|start|end|before|after)$/, day],
  [/\btime$/, oneOf('12:30:00', '08:15:00')],
  [/\byear$/, oneOf('2023', '2024')],
  [/\bmonth$/, oneOf('2024-05', '2023-11')],
  [/\b(ticker|stock|symbol)\b/, oneOf('AAPL', 'MSFT')],
  [/\b(colou?r)\b/, oneOf('blue', '#0072B2')],
  [/\b(version)\b/, oneOf('1.0.0')],
  [/\b(commit|sha|ref|revision|rev|commitish)\b/, oneOf('HEAD')],
  [/\bbranch\b/, oneOf('main')],
  [/\b(repo|repository)\b/, oneOf('modelcontextprotocol/servers')],
  [/\bsql\b/, oneOf('SELECT 1')],
  [/\b(glob|file pattern)\b/, oneOf('*')],
  [/\b(regex|regexp)\b/, oneOf('.*')],
  [/\bpattern\b/, oneOf('*')],
  [/\b(expression|formula|equation)\b/, oneOf('1 + 2', '6 * 7')],
  [/\b(query|q|search|keyword|term|topic|subject|tag|category)\b/, oneOf(...topics)],
  [/\b(json)\b/, oneOf('{}')],
  [/\b(html)\b/, oneOf('<p>hello</p>')],
  [/\b(markdown|md)\b/, oneOf('# Hello')],
  [/\b(price|amount|cost|total)\b/, oneOf('9.99', '24.50')],
  [/\b(count|limit|size|number|num|quantity|page|offset|index)\b/, oneOf('1', '2')],
  [/\b(extension|ext)\b/, oneOf('txt')],
  [/\b(mime ?type|content type|media type)\b/, oneOf('text/plain')],
  [/\b(title|subject|headline|label)\b/, oneOf('A short title', 'Notes on a garden')],
  [/\b(id|key|code|number|no|sku)$/, oneOf('1', '2', '3')],
  [/\bname\b/, oneOf(...topics)],
  [
    /\b(message|text|content|prompt|body|comment|description|note|input|thought|question|summary)\b/,
    oneOf(...sentences),
  ],
];

/** Numbers by what a field's name says. */
const numbers: readonly (readonly [RegExp, Draw])[] = [
  [/\b(latitude|lat)\b/, between(-60, 60, 4)],
  [/\b(longitude|lon|lng|long)\b/, between(-170, 170, 4)],
  [/\b(price|amount|cost|total|salary|budget)\b/, between(1, 100, 2)],
  [/\b(year)\b/, between(2020, 2024)],
  [/\b(month)\b/, between(1, 12)],
  [/\b(day)\b/, between(1, 28)],
  [/\b(hour)\b/, between(0, 23)],
  [/\b(minute)\b/, between(0, 59)],
  [/\bage\b/, between(18, 80)],
  [/\b(port)\b/, between(8000, 8999)],
  [/\b(percent|percentage)\b/, between(1, 100)],
  [/\b(probability|ratio|share|score|confidence|threshold|temperature)\b/, between(0, 1, 2)],
  [/\b(offset|skip|start|from)\b/, between(0, 0)],
  [/\b(page)\b/, between(1, 1)],
  // Times and sizes make work for the server: small ones.
  [/\b(duration|timeout|delay|seconds|sec|wait|sleep|interval|ms|steps)\b/, between(1, 1)],
  [/\b(limit|count|max|top|n|size|results|items|depth)\b/, between(1, 5)],
  [/\b(id|number|no)$/, between(1, 3)],
];

/** The last words of a field's name say most: `user.contact_email` → `contact email`. */
function spoken(name: string): string {
  return wordsOf(name).map(singular).join(' ');
}

/** A realistic text for a field of this name; undefined where its name says nothing. */
export function textByName(name: string, random: Random): string | undefined {
  const words = spoken(name);
  const draw = texts.find(([pattern]) => pattern.test(words))?.[1];
  return draw === undefined ? undefined : String(draw(random));
}

/** A realistic number for a field of this name; undefined where its name says nothing. */
export function numberByName(name: string, random: Random): number | undefined {
  const words = spoken(name);
  const draw = numbers.find(([pattern]) => pattern.test(words))?.[1];
  return draw === undefined ? undefined : Number(draw(random));
}

/** A text where nothing is known of the field. */
export function anyText(random: Random): string {
  return random.pick(topics);
}

/** A text of several words, for templates. */
export function anySentence(random: Random): string {
  return random.pick(sentences);
}

/** A text in one of JSON Schema's formats; undefined for a format that is not known. */
export function textByFormat(format: string, random: Random): string | undefined {
  switch (format) {
    case 'date':
      return String(day(random));
    case 'date-time':
      return String(moment(random));
    case 'time':
      return '12:30:00Z';
    case 'duration':
      return 'PT1H';
    case 'email':
    case 'idn-email':
      return textByName('email', random);
    case 'hostname':
    case 'idn-hostname':
      return textByName('hostname', random);
    case 'ipv4':
      return '192.0.2.1';
    case 'ipv6':
      return '2001:db8::1';
    case 'uri':
    case 'iri':
    case 'url':
      return textByName('url', random);
    case 'uri-reference':
    case 'iri-reference':
      return '/page';
    case 'uri-template':
      return 'https://example.com/{id}';
    case 'uuid':
      return uuid(random);
    case 'json-pointer':
      return '/a';
    case 'relative-json-pointer':
      return '0';
    case 'regex':
      return '.*';
    case 'byte':
    case 'base64':
      return 'aGVsbG8=';
    case 'binary':
      return 'hello';
    case 'password':
      return 'correct horse battery staple';
    default:
      return undefined;
  }
}
