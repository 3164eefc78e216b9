import { largest, run, short } from './data.js';
import { hide, placeOf, widthOf } from './plot.js';
import { colours, faded } from './theme.js';

const left = 64;
const row = 9;
const gap = 5;

/** Calls by time and latency, with a row for what was too long and one for what failed. */
export function heatmapChart(index) {
  const map = run.tests[index]?.heatmap;
  if (map === undefined || map.t.length < 2) {
    hide('heatmap-chart');
    return;
  }
  const place = placeOf('heatmap-chart');
  if (place === undefined) return;
  const bands = map.edges.length;
  const layout = {
    width: widthOf(place),
    overflow: 0,
    top: row + gap,
    bottom: row + gap + bands * row,
    errors: row + 2 * gap + bands * row,
  };
  const height = layout.errors + row + 24;
  const canvas = document.createElement('canvas');
  canvas.width = layout.width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  canvas.style.width = `${layout.width}px`;
  canvas.style.height = `${height}px`;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute(
    'aria-label',
    `Heatmap of ${map.t.length} intervals and ${bands} latency bands from ${short(map.edges[0])} to ${short(map.edges.at(-1))} ms.`,
  );
  place.append(canvas);
  const context = canvas.getContext('2d');
  context.scale(devicePixelRatio, devicePixelRatio);
  paint(context, map, layout);
  canvas.addEventListener('mousemove', (event) => tell(event, map, layout));
}

function paint(context, map, { width, overflow, top, bottom, errors }) {
  const theme = colours();
  const wide = (width - left) / map.t.length;
  const most = Math.log1p(largest(map.counts.map(largest)));
  const share = (count) => (count === 0 ? 0 : 0.1 + 0.9 * Math.min(1, Math.log1p(count) / Math.max(most, 1)));
  const cell = (column, y, count, colour) => {
    if (count === 0) return;
    context.fillStyle = faded(colour, share(count));
    const from = Math.floor(left + column * wide);
    context.fillRect(from, y, Math.max(1, Math.floor(left + (column + 1) * wide) - from), row);
  };
  map.counts.forEach((counts, column) => {
    counts.forEach((count, band) => cell(column, bottom - (band + 1) * row, count, theme.blue));
    cell(column, overflow, map.overflow[column], theme.purple);
    cell(column, errors, map.failures[column], theme.vermilion);
  });
  context.strokeStyle = theme.line;
  for (const y of [top - gap / 2, bottom + gap / 2, errors + row + 0.5]) line(context, left, y, width, y);
  context.fillStyle = theme.ink;
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'right';
  context.fillText(`> ${short(map.edges.at(-1))} ms`, left - 5, overflow + row);
  context.fillText('✗ failed', left - 5, errors + row);
  const step = Math.max(1, Math.ceil(map.edges.length / 7));
  for (let band = 0; band < map.edges.length - 2; band += step) {
    context.fillText(`${short(map.edges[band])} ms`, left - 5, bottom - (band + 1) * row + 4);
  }
  for (let i = 0; i <= 6; i++) {
    const column = Math.round((i * (map.t.length - 1)) / 6);
    context.textAlign = i === 6 ? 'right' : 'center';
    context.fillText(
      `${short(map.t[column])} s`,
      Math.min(width, left + (column + 0.5) * wide),
      errors + row + 15,
    );
  }
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

function tell({ offsetX, offsetY }, map, { width, top, bottom, errors }) {
  const readout = document.getElementById('heatmap-read');
  const column = Math.floor(((offsetX - left) / (width - left)) * map.t.length);
  const band = Math.floor((bottom - offsetY) / row);
  if (!(column >= 0 && column < map.t.length)) return;
  const at = `up to ${short(map.t[column])} s`;
  if (offsetY >= errors) readout.textContent = `${map.failures[column]} failed calls, ${at}`;
  else if (offsetY < top)
    readout.textContent = `${map.overflow[column]} calls above ${short(map.edges.at(-1))} ms, ${at}`;
  else if (band >= 0 && band < map.edges.length) {
    const from = band === 0 ? '' : `${short(map.edges[band - 1])} to `;
    readout.textContent = `${map.counts[column][band]} calls of ${from}${short(map.edges[band])} ms, ${at}`;
  }
}
