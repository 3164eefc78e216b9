const names = ['ink', 'faint', 'line', 'paper', 'blue', 'vermilion', 'green', 'purple'];

/** The colours of the page as they are now: they differ by the reader's system, and on paper. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** The colour with a share of opacity. */
export function faded(colour, share) {
  const hex = /^#?([0-9a-f]{6})$/i.exec(colour)?.[1] ?? '000000';
  const part = (at) => parseInt(hex.slice(at, at + 2), 16);
  return `rgba(${part(0)}, ${part(2)}, ${part(4)}, ${share})`;
}
