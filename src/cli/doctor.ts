import { styleText } from 'node:util';
import { exitCodes, type ExitCode } from '../core/index.js';
import type { CommandContext } from './command.js';
import { judgeMachine, type Check } from './doctor/checks.js';
import { inspectMachine } from './doctor/machine.js';
import { noTarget } from './words.js';

const marks = { ok: ['✓', 'green'], warn: ['!', 'yellow'], bad: ['✗', 'red'] } as const;

/** `dyno doctor`: exit 99 where something makes a serious run impossible. */
export async function run(context: CommandContext): Promise<ExitCode> {
  noTarget(context);
  const { io, settings } = context;
  const facts = await inspectMachine(io.env);
  const checks = judgeMachine(facts);
  const worst = checks.some((check) => check.status === 'bad');
  if (settings.json) io.stdout.write(`${JSON.stringify({ facts, checks }, null, 2)}\n`);
  else io.stdout.write(text(checks, io.stdout.colours));
  return worst ? exitCodes.failed : exitCodes.pass;
}

function text(checks: readonly Check[], colours: boolean): string {
  const wide = Math.max(...checks.map((check) => check.name.length));
  const lines = checks.flatMap(({ name, status, finding, hint }) => {
    const [mark, colour] = marks[status];
    const shown = colours ? styleText(colour, mark, { validateStream: false }) : mark;
    return [
      `${shown} ${name.padEnd(wide)}  ${finding}`,
      ...(hint === undefined ? [] : [`  ${' '.repeat(wide)}  ${hint}`]),
    ];
  });
  const troubles = checks.filter((check) => check.status !== 'ok').length;
  const sentence =
    troubles === 0
      ? 'Nothing stands in the way of a serious run.'
      : `${troubles} of ${checks.length} want a look before a serious run.`;
  return `${[...lines, sentence].join('\n')}\n`;
}
