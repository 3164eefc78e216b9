import { printable } from '../../core/index.js';

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for XML 1.0: markup is escaped, what XML cannot hold (control characters, lone surrogates) is gone. */
export function xmlText(text: string): string {
  return printable(text)
    .replace(/\p{Surrogate}|[\ufffe\uffff]/gu, '')
    .replace(/[&<>"']/g, (char) => entities[char]!);
}

/** An element; attributes that are undefined are left out. Children are XML already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  children: readonly string[] = [],
): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${xmlText(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
  if (children.length === 0) return `<${name}${given}/>`;
  return `<${name}${given}>\n${children.join('\n')}\n</${name}>`;
}

/** An element that holds text, which is kept as it is. */
export function textElement(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  text: string,
): string {
  return element(name, attributes).replace(/\/>$/, `>${xmlText(text)}</${name}>`);
}
