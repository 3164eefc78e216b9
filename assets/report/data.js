/** What the page shows: the run itself, and its percentile curves. */
const read = (id) => JSON.parse(document.getElementById(id).textContent);

export const run = read('run');
export const curves = read('curves');

/** Three significant digits, as in the tables of the page. */
export function short(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  if (size >= 100) return String(Math.round(value));
  return String(Number(value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3)));
}

/** The largest of many values without the limits of a call's arguments; nulls do not count. */
export function largest(values) {
  return values.reduce((most, value) => (value !== null && value > most ? value : most), 0);
}
