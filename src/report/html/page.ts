import type { RunResult } from '../../core/index.js';
import { hostOf } from '../facts.js';
import { pageScript, pageStyle } from './assets.js';
import { dataElement, h, type Markup } from './markup.js';
import { hashOf } from './policy.js';
import { curveStep, percentileCurves } from './percentile-curves.js';
import { appendix } from './sections/appendix.js';
import { capacity, heatmap, percentiles, picker, resources, timeSeries } from './sections/charts.js';
import { comparison } from './sections/comparison.js';
import { header } from './sections/header.js';
import { errors, tests } from './sections/tests.js';
import { thresholds } from './sections/thresholds.js';

const parts: readonly [id: string, title: string][] = [
  ['tests', 'Tests'],
  ['thresholds', 'Thresholds'],
  ['baseline', 'Comparison'],
  ['percentiles', 'Percentiles'],
  ['heatmap', 'Heatmap'],
  ['series', 'Time series'],
  ['capacity', 'Capacity'],
  ['resources', 'Resources'],
  ['errors', 'Errors'],
  ['appendix', 'Appendix'],
];

/**
 * A run as one HTML file: no network (a content security policy forbids it), readable without JavaScript (every number
 * stands in a table), dark where the reader's system is, light on paper. Text of servers is text, never markup.
 */
export function htmlReport(run: RunResult): string {
  const sections: readonly (Markup | null)[] = [
    tests(run),
    thresholds(run),
    comparison(run),
    picker(run),
    percentiles(run),
    heatmap(run),
    timeSeries(run),
    capacity(run),
    resources(run),
    errors(run),
    appendix(run),
  ];
  const main = h('main', {}, header(run), contents(sections), sections);
  const script = pageScript();
  const style = pageStyle();
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const head = h(
    'head',
    {},
    h('meta', { charset: 'utf-8' }),
    h('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    h('meta', { name: 'color-scheme', content: 'light dark' }),
    h('meta', { name: 'referrer', content: 'no-referrer' }),
    h('link', { rel: 'icon', href: 'data:,' }),
    h('title', {}, `${run.verdict.status.toUpperCase()} · ${hostOf(run)} · mcp-dyno`),
    { html: `<style>${style}</style>` },
  );
  const curves = run.tests.map((test) => percentileCurves(run, test));
  const body = h(
    'body',
    {},
    main,
    dataElement('run', run),
    dataElement('curves', { step: curveStep, tests: curves }),
    { html: `<script>${script}</script>` },
  );
  return `<!doctype html>\n<html lang="en">${head.html}${body.html}</html>\n`;
}

function contents(sections: readonly (Markup | null)[]): Markup {
  const html = sections.map((part) => part?.html.slice(0, 40) ?? '').join();
  const shown = parts.filter(([id]) => html.includes(`<section id="${id}"`));
  return h(
    'nav',
    { 'aria-label': 'Sections' },
    shown.map(([id, title]) => h('a', { href: `#${id}` }, title)),
  );
}
