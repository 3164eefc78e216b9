import { displayWidth, left, right } from './display-width.js';

/** A column: its heading, its side, and how wide it may get at most. */
export interface Column {
  title: string;
  side: 'left' | 'right';
  max?: number;
}

/**
 * Rows under headings, two spaces between columns, at most `width` cells wide: the first column gives way where there is
 * not enough room, then columns are left out from the right.
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
  const least = 12;
  wide[0] = Math.max(Math.min(wide[0]!, least), wide[0]! - Math.max(0, total() - width));
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
