import { capacityChart } from './capacity-chart.js';
import { run } from './data.js';
import { heatmapChart } from './heatmap-chart.js';
import { percentileChart } from './percentile-chart.js';
import { seriesCharts } from './series-charts.js';

document.documentElement.classList.add('with-script');

const picker = document.getElementById('shown-test');

function drawAll() {
  if (picker === null) return;
  const index = Number(picker.value);
  for (const draw of [percentileChart, heatmapChart, seriesCharts, capacityChart]) draw(index);
}

function download() {
  const url = URL.createObjectURL(new Blob([JSON.stringify(run, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${run.id}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

let resizing;
let width = window.innerWidth;
window.addEventListener('resize', () => {
  if (window.innerWidth === width) return;
  width = window.innerWidth;
  clearTimeout(resizing);
  resizing = setTimeout(drawAll, 150);
});
picker?.addEventListener('change', drawAll);
document.getElementById('log-scale')?.addEventListener('change', drawAll);
document.getElementById('download')?.addEventListener('click', download);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
// Charts are pictures: on paper they need the light colours, and afterwards those of the screen again.
matchMedia('print').addEventListener('change', drawAll);
drawAll();
document.documentElement.dataset.drawn = String(Math.round(performance.now()));
