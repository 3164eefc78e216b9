import { formatBytes, formatDuration, type Metric, type RunResult } from '../core/index.js';
import { quantity } from './terminal/numbers.js';

/** What was measured, in a few words: the server's name and version, else its address or command. */
export function hostOf({ target }: RunResult): string {
  const { serverInfo } = target;
  if (serverInfo !== undefined) return `${serverInfo.title ?? serverInfo.name} ${serverInfo.version}`.trim();
  return target.url ?? target.command ?? target.kind;
}

/** A metric with its interval: `1.93 ms (1.88 ms … 1.99 ms)`; a plain dash where there is no value. */
export function metricText({ value, unit, ci95 }: Metric): string {
  if (value === null) return '–';
  return `${quantity(value, unit)}${intervalText(ci95, unit)}`;
}

/** ` (1.88 ms … 1.99 ms)`, or nothing. */
export function intervalText(ci95: Metric['ci95'], unit: string): string {
  return ci95 ? ` (${quantity(ci95[0], unit)} … ${quantity(ci95[1], unit)})` : '';
}

/** A ratio as a change: `+38 %`, `−2.1 %`, `no change`; a dash for null. */
export function changeText(ratio: number | null): string {
  if (ratio === null) return '–';
  const percent = 100 * (ratio - 1);
  const size = Math.abs(percent);
  const digits = size >= 10 ? 0 : size >= 1 ? 1 : 2;
  const shown = Number(size.toFixed(digits));
  return shown === 0 ? '±0 %' : `${percent < 0 ? '−' : '+'}${shown.toLocaleString('en')} %`;
}

/** {@link changeText} with its interval: `+38 % (+31 … +46)`. */
export function changeWithInterval(ratio: number | null, ci95: readonly [number, number] | null): string {
  const bare = (value: number) => changeText(value).replace(' %', '');
  return ci95 === null ? changeText(ratio) : `${changeText(ratio)} (${bare(ci95[0])} … ${bare(ci95[1])})`;
}

/** What a reader needs to judge whether two runs can be compared: name and value. */
export function factsOf(run: RunResult): [name: string, value: string][] {
  const { target, environment, tool } = run;
  const facts: [string, string | undefined][] = [
    ['run', run.id],
    ['started', run.startedAt],
    ['duration', formatDuration(run.durationMs)],
    ['server', hostOf(run)],
    ['address', target.url ?? target.command],
    ['transport', target.kind],
    ['protocol', target.protocolVersion],
    ['era', target.era],
    ['tools', catalogue(run)],
    ['machine', `${environment.cpu} × ${environment.cores}, ${formatBytes(environment.memoryBytes)}`],
    ['system', `${environment.os}, Node ${environment.node.replace(/^v/, '')}`],
    ['git', environment.git && `${environment.git.commit}${environment.git.dirty ? ' (with changes)' : ''}`],
    ['ci', environment.ci],
    ['tool', `${tool.name} ${tool.version}`],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
}

function catalogue({ target }: RunResult): string | undefined {
  if (target.tools === undefined) return undefined;
  const bytes = target.catalogueBytes === undefined ? '' : `, ${formatBytes(target.catalogueBytes)}`;
  const tokens =
    target.catalogueTokens === undefined
      ? ''
      : `, about ${target.catalogueTokens.toLocaleString('en')} tokens`;
  return `${target.tools}${bytes}${tokens}`;
}
