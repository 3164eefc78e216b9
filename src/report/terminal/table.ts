import { displayWidth, left, right } from './display-width.js';

/** A column: its heading, its side, how wide it may get at most, and whether others give way before it does. */
export interface Column {
  title: string;
  side: 'left' | 'right';
  max?: number;
  keep?: boolean;
}

/** Narrower than this no column of texts is made. */
const least = 10;

/**
 * Rows under headings, two spaces between columns, at most `width` cells wide: the widest columns of texts give way
 * where there is not enough room, then columns are left out from the right.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const gap = 2;
  const wide = columns.map(({ title, max = Infinity }, index) =>
    Math.min(max, Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[index] ?? '')))),
  );
  const total = () => wide.reduce((sum, one) => sum + one + gap, -gap);
  for (let over = total() - width; over > 0; over--) {
    const able = columns.flatMap(({ side }, index) =>
      side === 'left' && wide[index]! > least ? [index] : [],
    );
    const first = able.filter((index) => columns[index]!.keep !== true);
    const widest = (first.length > 0 ? first : able).reduce<number | undefined>(
      (most, index) => (most === undefined || wide[index]! > wide[most]! ? index : most),
      undefined,
    );
    if (widest === undefined) break;
    wide[widest]!--;
  }
  let shown = columns.length;
  while (shown > 1 && wide.slice(0, shown).reduce((sum, one) => sum + one + gap, -gap) > width) shown--;
  const line = (cells: readonly string[]) =>
    columns
      .slice(0, shown)
      .map(({ side }, index) =>
        (side === 'left' ? left : right)(cells[index] ?? '', Math.min(wide[index]!, width)),
      )
      .join(' '.repeat(gap))
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...rows.map(line)];
}
