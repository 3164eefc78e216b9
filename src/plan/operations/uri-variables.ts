const expression = /\{([+#./;?&]?)([^{}]*)\}/g;

/** The variables of a URI template (RFC 6570), in their order; undefined for forms beyond `{name}` and `{+name}`. */
export function variablesOf(template: string): string[] | undefined {
  const names: string[] = [];
  for (const [, operator, name] of template.matchAll(expression)) {
    if ((operator !== '' && operator !== '+') || !/^[\w.-]+$/.test(name!)) return undefined;
    names.push(name!);
  }
  return names;
}

/** True for text with an expression in it. */
export function isTemplate(text: string): boolean {
  return text.search(expression) >= 0;
}

/** The URI that a template makes with these values; `{name}` encodes all that is reserved, `{+name}` does not. */
export function expandTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(expression, (_whole, operator: string, name: string) =>
    operator === '+' ? encodeURI(values[name] ?? '') : encodeURIComponent(values[name] ?? ''),
  );
}
