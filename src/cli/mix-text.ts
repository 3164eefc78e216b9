import { printableLine, type Json } from '../core/index.js';
import type { LeftOutTool, Mix } from '../plan/mix/index.js';
import { wrap } from '../report/terminal/index.js';

/** Names that are listed before the others are counted. */
const mostNames = 12;

/** What is not called and why, the same reasons together; failures with the way to give proper arguments. */
export function leftOutLines({ leftOut, fallback, operations }: Mix, width: number): string[] {
  const lines: string[] = [];
  const byWhy = new Map<string, LeftOutTool[]>();
  const failed: LeftOutTool[] = [];
  for (const tool of leftOut) {
    if (tool.reason === 'not-selected') continue;
    if (tool.reason === 'failed' || tool.reason === 'no-arguments') failed.push(tool);
    else byWhy.set(tool.why, [...(byWhy.get(tool.why) ?? []), tool]);
  }
  const groups = [...byWhy].map(([why, tools]) => {
    const names = tools.slice(0, mostNames).map((tool) => printableLine(tool.name, 60));
    const more = tools.length > mostNames ? ` and ${tools.length - mostNames} more` : '';
    return `${names.join(', ')}${more} (${why})`;
  });
  if (groups.length > 0) lines.push(...hanging('not called: ', groups.join(' · '), width));
  for (const { name, why, hint } of failed) {
    lines.push(...hanging('left out: ', `${printableLine(name, 60)}: ${why}`, width));
    lines.push(`  ${printableLine(hint, 300)}`);
  }
  if (fallback) {
    const methods = operations.map((operation) => operation.name).join(' and ');
    const sentence =
      failed.length > 0
        ? `No tool answered without an error, so ${methods} are loaded.`
        : `No tool can be called unasked, so ${methods} are loaded; --allow TOOL allows one.`;
    lines.push(...hanging('', sentence, width));
  }
  return lines;
}

function hanging(label: string, text: string, width: number): string[] {
  return wrap(text, width - label.length).map(
    (line, index) => (index === 0 ? label : ' '.repeat(label.length)) + line,
  );
}

/** For `--dry-run`: each call with its arguments and its share of the mix. */
export function dryRunLines({ operations, used }: Mix, howOften: readonly string[]): string[] {
  const total = operations.reduce((sum, operation) => sum + operation.weight, 0);
  const lines = operations.map(({ name, weight, params, tool }) => {
    const share = Number(((100 * weight) / total).toPrecision(3));
    const sets = params.length > 1 ? ` and ${params.length - 1} more sets` : '';
    const shown = tool === undefined ? params[0] : (params[0]?.['arguments'] ?? {});
    const args =
      tool === undefined && isEmpty(shown) ? '' : `  ${printableLine(JSON.stringify(shown), 300)}${sets}`;
    const made = used.find((one) => one.name === tool)?.argsFrom;
    return `  ${String(share).padStart(4)} %  ${printableLine(name, 80)}${args}${made === 'made' ? '  (made)' : ''}`;
  });
  return [
    'Would call:',
    ...lines,
    ...howOften.map((line) => printableLine(line, 300)),
    'Nothing was called.',
  ];
}

function isEmpty(params: Json | undefined): boolean {
  return params === undefined || Object.keys(params ?? {}).length === 0;
}
