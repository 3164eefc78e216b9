/** What a server may ask of its client, as the figures tell it apart. */
export const askedKinds = ['sampling', 'elicitation', 'roots', 'ping', 'other'] as const;

/** One of {@link askedKinds}. */
export type AskedKind = (typeof askedKinds)[number];

const kinds: Readonly<Record<string, AskedKind>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
  ping: 'ping',
};

/** Where a request is counted. Methods are the server's words: all that are not MCP's own are `other`. */
export function kindOf(method: string): AskedKind {
  return Object.hasOwn(kinds, method) ? kinds[method]! : 'other';
}
