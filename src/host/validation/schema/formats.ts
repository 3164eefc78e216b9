import type { Format } from 'ajv';
import type { Json } from '../../../core/json.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { patternCost } from '../../../core/pattern/pattern-cost.js';

/** The longest text that is looked at where a format's pattern is not linear. */
const maxFormatLength = 4096;

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const local = new RegExp(`^(?:${atom}(?:\\.${atom})*|"(?:[^"\\\\\\r\\n]|\\\\[ -~])*")$`);
// As above with every character beyond ASCII (RFC 6531, section 3.3).
const wideAtom = atom.replace('A-Za-z', 'A-Za-z\\u0080-\\u{10ffff}');
const wideLocal = new RegExp(
  `^(?:${wideAtom}(?:\\.${wideAtom})*|"(?:[^"\\\\\\r\\n]|\\\\[ -~\\u0080-\\u{10ffff}])*")$`,
  'u',
);
const wideDomain = /^[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*)(?:\.[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*))*$/u;

/**
 * The formats of JSON Schema 2020-12 that `strict` asserts: those of ajv-formats, and `email` with quoted local parts and
 * address literals, `idn-email`, `iri` and `iri-reference`, which it lacks. `idn-hostname` stays an annotation: telling it
 * needs the tables of IDNA 2008.
 */
export const assertedFormats: Readonly<Record<string, Format>> = {
  ...Object.fromEntries(
    Object.entries(fullFormats).map(([name, format]) => [name, bounded(format as Format)]),
  ),
  email: short((text) => isEmail(text, local, hostname)),
  'idn-email': short((text) => isEmail(text, wideLocal, (domain) => wideDomain.test(domain))),
  regex: short(isPattern),
  iri: short((text) => isIri(text, uri)),
  'iri-reference': short((text) => isIri(text, uriReference)),
};

/** Whether a value is as a format says; values of another type than the format's are. Undefined for an unknown format. */
export function formatCheck(name: string): ((value: Json) => boolean) | undefined {
  const format = Object.hasOwn(assertedFormats, name) ? assertedFormats[name] : undefined;
  if (format instanceof RegExp) return (value) => typeof value !== 'string' || format.test(value);
  if (typeof format === 'function') {
    return (value) => typeof value !== 'string' || (format as (text: string) => boolean)(value);
  }
  if (typeof format !== 'object' || format.type !== 'number') return undefined;
  const validate = format.validate as (value: number) => boolean;
  return (value) => typeof value !== 'number' || validate(value);
}

function hostname(text: string): boolean {
  return formatTest('hostname', text);
}

function uri(text: string): boolean {
  return formatTest('uri', text);
}

function uriReference(text: string): boolean {
  return formatTest('uri-reference', text);
}

function formatTest(name: 'hostname' | 'uri' | 'uri-reference' | 'ipv4' | 'ipv6', text: string): boolean {
  const format = fullFormats[name] as unknown;
  return format instanceof RegExp ? format.test(text) : (format as (text: string) => boolean)(text);
}

function short(test: (text: string) => boolean): Format {
  return (text: string) => text.length <= maxFormatLength && test(text);
}

/** A format's own pattern is trusted no more than a schema's: one that is not linear gets short texts only. */
function bounded(format: Format): Format {
  if (format instanceof RegExp) {
    const cost = patternCost(format.source, format.unicode);
    if (cost.kind === 'polynomial' && cost.degree === 1) return format;
    return short((text) => format.test(text));
  }
  if (typeof format === 'function') return short(format as (text: string) => boolean);
  if (typeof format === 'object' && typeof format.validate === 'function' && format.type !== 'number') {
    return short(format.validate as (text: string) => boolean);
  }
  return format;
}

function isEmail(text: string, localPart: RegExp, domain: (text: string) => boolean): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1 || !localPart.test(text.slice(0, at))) return false;
  const literal = /^\[(IPv6:)?(.*)\]$/.exec(text.slice(at + 1));
  if (literal === null) return domain(text.slice(at + 1));
  return formatTest(literal[1] === undefined ? 'ipv4' : 'ipv6', literal[2]!);
}

/** An IRI is a URI once everything beyond ASCII is percent-encoded (RFC 3987, section 3.1). */
function isIri(text: string, isUri: (text: string) => boolean): boolean {
  // An address of IPv6 without its brackets, which the pattern of ajv-formats takes for a path.
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (!host.startsWith('[') && host.split(':').length > 2) return false;
  return isUri(text.replace(/[\u00a0-\u{10ffff}]/gu, (character) => encode(character)));
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

function encode(character: string): string {
  try {
    return encodeURIComponent(character);
  } catch {
    return ' ';
  }
}
