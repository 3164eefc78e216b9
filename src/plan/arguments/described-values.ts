/** Descriptions are a server's own words; nobody needs more of them than this. */
const longest = 4000;

const quoted = /["'`“‘]([^"'`“”‘’\n]{1,200})["'`”’]/;
const introduction = /(?:\be\.?g\.?,?|\bfor example:?,?|\bexamples?:|\bsuch as|\blike)\s*/gi;

/**
 * Values that a description gives as examples: quoted after "e.g.", "for example", "such as", and the like; also bare
 * words and dates right after them.
 */
export function examplesIn(description: string): string[] {
  const text = description.slice(0, longest);
  const found: string[] = [];
  for (const match of text.matchAll(introduction)) {
    const rest = text.slice(match.index + match[0].length, match.index + match[0].length + 300);
    const direct = quoted.exec(rest);
    if (direct?.index === 0) {
      found.push(direct[1]!);
      continue;
    }
    // "e.g. 2024-05-01" or "e.g. HEAD~1", but not "e.g. when the file is missing".
    const bare = /^([A-Za-z0-9][^\s,;()]*[A-Za-z0-9])(?=$|[\s]*[,;).]|\s+or\s)/.exec(rest);
    if (bare && (/[\d_/.:@-]/.test(bare[1]!) || /^[A-Z]{2,}$/.test(bare[1]!))) found.push(bare[1]!);
  }
  return [...new Set(found)].slice(0, 5);
}

/** The choices of a description such as `One of: "day", "week"` or `('asc' or 'desc')`. */
export function choicesIn(description: string): string[] {
  const text = description.slice(0, longest);
  const list =
    /\b(?:one of|either|options?(?: are)?|allowed values?(?: are)?|valid values?(?: are)?|can be|must be|values?)\s*:?\s*\(?((?:["'`][^"'`\n]{1,60}["'`](?:\s*(?:,|\||\/|or|and)\s*)*){2,})/i.exec(
      text,
    )?.[1] ?? /\(((?:["'`][^"'`\n]{1,60}["'`]\s*(?:,|\||\/|or)?\s*){2,})\)/.exec(text)?.[1];
  if (list === undefined) return [];
  return [...list.matchAll(/["'`]([^"'`\n]{1,60})["'`]/g)].map((match) => match[1]!).slice(0, 20);
}

/** The pattern of a date in words, turned into a value: `YYYY-MM-DD`, `ISO 8601`. */
export function dateFormIn(description: string): 'date' | 'date-time' | undefined {
  const text = description.slice(0, longest);
  if (/\bYYYY-MM-DD(?!T| HH)/.test(text)) return 'date';
  if (/ISO[ -]?8601|RFC[ -]?3339|YYYY-MM-DD[T ]HH/i.test(text)) return 'date-time';
  return undefined;
}
