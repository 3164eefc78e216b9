const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const shades = [' ', '░', '▒', '▓', '█'];

/**
 * One character per value, from ▁ (zero) to █ (the largest); a space where there is no value. More values than `width`
 * are put together by their maximum, so that no peak is lost.
 */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const columns = squeeze(values, width);
  const most = Math.max(0, ...columns.map((value) => value ?? 0));
  return columns
    .map((value) => {
      if (value === null) return ' ';
      return bars[most === 0 ? 0 : Math.min(bars.length - 1, Math.floor((value / most) * bars.length))]!;
    })
    .join('');
}

function squeeze(values: readonly (number | null)[], width: number): (number | null)[] {
  if (values.length <= width) return [...values];
  return Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * values.length) / width);
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / width));
    const some = values.slice(from, to).filter((value) => value !== null);
    return some.length === 0 ? null : Math.max(...some);
  });
}

/** A row of shades, darker where more counts are; counts are compared by their logarithm, so that few still show. */
export function heatStrip(counts: readonly number[]): string {
  const most = Math.log1p(Math.max(0, ...counts));
  return counts
    .map(
      (value) =>
        shades[
          value <= 0 || most === 0
            ? 0
            : Math.max(1, Math.round((Math.log1p(value) / most) * (shades.length - 1)))
        ]!,
    )
    .join('');
}

/** A bar of `width` cells, filled by a share of 0…1. */
export function progressBar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
