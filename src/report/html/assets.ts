import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The page's own modules, every one after those that it imports. */
const modules = [
  'data',
  'theme',
  'plot',
  'percentile-chart',
  'heatmap-chart',
  'series-charts',
  'capacity-chart',
  'main',
];

const require = createRequire(import.meta.url);
const own = (file: string) =>
  readFileSync(new URL(`../../../assets/report/${file}`, import.meta.url), 'utf8');
const uplot = (file: string) => readFileSync(require.resolve(`uplot/dist/${file}`), 'utf8');

let script: string | undefined;
let style: string | undefined;
let historyOnly: string | undefined;

/** uPlot and the page's modules as one classic script: their imports of each other and the word `export` are taken out. */
export function pageScript(): string {
  script ??= inlined(
    [
      uplot('uPlot.iife.min.js'),
      `(() => {\n'use strict';\n${modules.map((name) => bare(own(`${name}.js`))).join('\n')}\n})();`,
    ].join('\n'),
    'script',
  );
  return script;
}

/** uPlot's and the page's style. */
export function pageStyle(): string {
  style ??= inlined(uplot('uPlot.min.css') + own('page.css'), 'style');
  return style;
}

/** The style of pages without charts of script. */
export function historyStyle(): string {
  historyOnly ??= inlined(own('page.css'), 'style');
  return historyOnly;
}

function bare(source: string): string {
  return source.replace(/^import [^;]*;\n/gm, '').replace(/^export (?=const|function|class)/gm, '');
}

function inlined(text: string, element: string): string {
  if (text.toLowerCase().includes(`</${element}`))
    throw new Error(`The report's ${element} holds its own end`);
  return text;
}
