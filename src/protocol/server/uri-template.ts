/** Matches URIs against a template (RFC 6570, `{name}` and `{+name}`): the variables, or undefined. */
export type TemplateMatcher = (uri: string) => Record<string, string> | undefined;

/** `{name}` matches within a path segment, `{+name}` across; values are percent-decoded. */
export function compileTemplate(template: string): TemplateMatcher {
  const names: string[] = [];
  const source = template.replace(
    /\{(\+?)(\w+)\}|[.*+?^${}()|[\]\\]/g,
    (text, plus: string | undefined, name: string | undefined) => {
      if (name === undefined) return `\\${text}`;
      names.push(name);
      return plus === '+' ? '(.+)' : '([^/?#]+)';
    },
  );
  const pattern = new RegExp(`^${source}$`);
  return (uri) => {
    const match = pattern.exec(uri);
    if (match === null) return undefined;
    return Object.fromEntries(names.map((name, index) => [name, decode(match[index + 1]!)]));
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
