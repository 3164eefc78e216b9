import { spawn } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A step of a composite action, as far as the tests run it. */
export interface Step {
  id?: string;
  name?: string;
  if?: string;
  run?: string;
  shell?: string;
  uses?: string;
  env?: Record<string, string>;
  with?: Record<string, string>;
  'working-directory'?: string;
}

/** A composite action, parsed. */
export interface Action {
  inputs: Record<string, { description: string; default: string }>;
  outputs: Record<string, { value: string }>;
  runs: { using: string; steps: Step[] };
}

/** What steps came to: their outputs by id, and the exit code of the first that failed. */
export interface Ran {
  outputs: Record<string, Record<string, string>>;
  code: number;
  log: string;
  /** `uses` steps with their `with`, which are not run. */
  used: { uses: string; with: Record<string, string> }[];
}

/** Every `${{ … }}` of a text. */
export function expressionsOf(text: string): string[] {
  return [...text.matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)].map(([, inner]) => inner!);
}

/** Runs the steps of a composite action as a runner does, with the contexts given; a later step waits for all before. */
export async function runAction(
  action: Action,
  {
    folder,
    inputs,
    contexts,
    env,
  }: {
    folder: string;
    inputs: Record<string, string>;
    contexts: Record<string, string>;
    env: Record<string, string>;
  },
): Promise<Ran> {
  const ran: Ran = { outputs: {}, code: 0, log: '', used: [] };
  const temp = await mkdtemp(join(folder, 'runner-'));
  const all: Record<string, string> = { ...contexts };
  for (const [name, { default: value }] of Object.entries(action.inputs))
    all[`inputs.${name}`] = inputs[name] ?? filled(value, all);
  for (const step of action.runs.steps) {
    for (const [id, outputs] of Object.entries(ran.outputs))
      for (const [name, value] of Object.entries(outputs)) all[`steps.${id}.outputs.${name}`] = value;
    if (step.if !== undefined && !holds(step.if, all)) continue;
    const values = (record: Record<string, string> = {}) =>
      Object.fromEntries(Object.entries(record).map(([name, text]) => [name, filled(text, all)]));
    if (step.run === undefined) {
      ran.used.push({ uses: step.uses!, with: values(step.with) });
      continue;
    }
    const output = join(temp, `output-${ran.log.length}`);
    await writeFile(output, '');
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd: join(folder, filled(step['working-directory'] ?? '.', all)),
      env: { ...env, ...values(step.env), GITHUB_OUTPUT: output, RUNNER_TEMP: temp },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (ran.log += text));
    ran.code = await new Promise<number>((resolve) => {
      child.once('close', (code) => {
        resolve(code ?? -1);
      });
    });
    const lines = (await readFile(output, 'utf8')).trim().split('\n');
    if (step.id !== undefined)
      ran.outputs[step.id] = Object.fromEntries(
        lines.map((line) => [line.split('=')[0]!, line.split('=').slice(1).join('=')]),
      );
    if (ran.code !== 0) break;
  }
  return ran;
}

function filled(text: string, all: Record<string, string>): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_whole, name: string) => valueOf(name, all));
}

function valueOf(name: string, all: Record<string, string>): string {
  const value = all[name];
  if (value === undefined) throw new Error(`The context has no ${name}`);
  return value;
}

/** `a == 'b' && c != 'd'`: all that the action's conditions use. */
function holds(condition: string, all: Record<string, string>): boolean {
  return expressionsOf(condition)[0]!
    .split('&&')
    .every((part) => {
      const match = /^\s*(\S+) (==|!=) '([^']*)'\s*$/.exec(part);
      if (match === null) throw new Error(`Not understood: ${part}`);
      return (valueOf(match[1]!, all) === match[3]) === (match[2] === '==');
    });
}
