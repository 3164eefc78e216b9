/* global uPlot */
import { short } from './data.js';
import { colours, faded } from './theme.js';

const drawn = new Map();
const font = '12px system-ui, sans-serif';

/** The place of a chart, emptied; undefined where the page has none. */
export function placeOf(id) {
  const figure = document.getElementById(id);
  drawn.get(id)?.destroy();
  drawn.delete(id);
  if (figure === null) return undefined;
  const place = figure.querySelector('.plot');
  place.textContent = '';
  figure.hidden = false;
  return place;
}

/** How wide a chart may be, px. */
export function widthOf(place) {
  return Math.max(280, Math.floor(place.getBoundingClientRect().width));
}

/** Hides a chart that has nothing to show. */
export function hide(id) {
  placeOf(id);
  const figure = document.getElementById(id);
  if (figure !== null) figure.hidden = true;
}

/**
 * Draws lines into a chart. `lines` are `{ label, values, colour, dash, shown, points, scale }` with colour a name of
 * the theme; `windows` are shaded; `marks` are labelled upright lines.
 */
export function plot(
  id,
  { x, lines, xAxis = {}, yLog = false, windows = [], marks = [], sync, height = 260, bars = [], unit = '' },
) {
  const place = placeOf(id);
  if (place === undefined) return;
  const present = lines.filter(({ values }) =>
    values?.some((value) => value !== null && value !== undefined),
  );
  if (x.length < 2 || present.length === 0) {
    hide(id);
    return;
  }
  const theme = colours();
  const axis = {
    stroke: theme.ink,
    font,
    grid: { stroke: theme.line, width: 1 },
    ticks: { stroke: theme.line, width: 1 },
  };
  const positive = (values) => values.map((value) => (value > 0 ? value : null));
  const options = {
    width: widthOf(place),
    height,
    scales: {
      x: { time: false, ...xAxis.scale },
      y: yLog ? { distr: 3 } : { range: (_u, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] },
    },
    axes: [
      { ...axis, ...xAxis.axis },
      {
        ...axis,
        size: 64,
        values: (_u, splits) => splits.map((value) => (value === null ? '' : short(value))),
      },
    ],
    series: [
      {
        label: xAxis.label ?? 't',
        value: (_u, value) => (value === null ? '–' : (xAxis.read ?? short)(value)),
      },
      ...present.map(({ label, colour, dash, shown = true, points = false, line = true }) => ({
        label,
        show: shown,
        stroke: theme[colour],
        width: line ? 1.75 : 0,
        dash,
        spanGaps: false,
        points: points ? { show: true, size: 7, fill: theme[colour] } : { show: false },
        value: (_u, value) => (value === null || value === undefined ? '–' : `${short(value)}${unit}`),
      })),
    ],
    cursor: sync ? { sync: { key: sync } } : {},
    legend: { live: true },
    hooks: { drawClear: [(u) => shade(u, windows, theme)], draw: [(u) => decorate(u, marks, bars, theme)] },
  };
  const data = [x, ...present.map(({ values }) => (yLog ? positive(values) : values))];
  drawn.set(id, new uPlot(options, data, place));
}

function shade(u, windows, theme) {
  for (const { kind, from, to } of windows) {
    const left = Math.max(u.bbox.left, u.valToPos(from, 'x', true));
    const right = Math.min(u.bbox.left + u.bbox.width, u.valToPos(to, 'x', true));
    u.ctx.fillStyle = faded(kind === 'fault' ? theme.vermilion : theme.faint, 0.16);
    if (right > left) u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
  }
}

function decorate(u, marks, bars, theme) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.strokeStyle = theme.ink;
  ctx.fillStyle = theme.ink;
  for (const { at, low, high } of bars) {
    const x = u.valToPos(at, 'x', true);
    ctx.beginPath();
    ctx.moveTo(x, u.valToPos(low, 'y', true));
    ctx.lineTo(x, u.valToPos(high, 'y', true));
    ctx.stroke();
  }
  marks.forEach(({ at, label }, i) => {
    const x = u.valToPos(at, 'x', true);
    if (!(x >= bbox.left && x <= bbox.left + bbox.width)) return;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const right = x > bbox.left + bbox.width * 0.75;
    ctx.textAlign = right ? 'right' : 'left';
    ctx.fillText(label, x + (right ? -6 : 6) * devicePixelRatio, bbox.top + (14 + 16 * i) * devicePixelRatio);
  });
  ctx.restore();
}
