import { messageOf } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import { seededRandom } from '../../core/random.js';
import { Surroundings } from '../../plan/arguments/index.js';
import { shapedData, type DataSample } from '../../plan/data/index.js';
import type { Tool } from '../../protocol/index.js';
import type { TestContext } from '../suite-test.js';
import { TrialTarget } from './trial-target.js';
import { tryArguments, type Reaction } from './try-invalid.js';

/** What a tool made of one violation. */
export interface Trial {
  tool: string;
  /** Such as `limit above maximum 50`. */
  violation: string;
  keyword: string;
  /** How often it was tried, and how often it came to each. */
  calls: number;
  kinds: Record<Reaction['kind'], number>;
  /** What was said of the first that was not plainly refused or accepted. */
  said: string | undefined;
  /** Whether a crash came again on a new target, where it was tried. */
  again: boolean | undefined;
}

/** Every trial, and what could not be tried. */
export interface Trials {
  trials: Trial[];
  /** The tools whose valid call was answered, so that they could be tried. */
  tools: string[];
  notJudged: string[];
  /** Why it ended before its end. */
  ended: string | undefined;
}

interface Case {
  tool: Tool;
  sample: DataSample;
}

/** Calls each tool with valid arguments, then with each violation; a target that breaks is replaced. */
export async function tryInvalidData(context: TestContext): Promise<Trials> {
  const found: Trials = { trials: [], tools: [], notJudged: [], ended: undefined };
  const target = new TrialTarget(context.bench);
  try {
    const cases = await casesOf(context, target, found);
    await tryCases(context, target, cases, found);
    return found;
  } finally {
    await target.abandon();
  }
}

/** The violations of each tool, the tools in turn; of those whose valid call is answered, as else a refusal says nothing. */
async function casesOf(context: TestContext, target: TrialTarget, found: Trials): Promise<Case[]> {
  const lists: Case[][] = [];
  const timeoutMs = context.number('answer');
  for (const operation of context.operations) {
    const tool = context.bench.tools.find(({ name }) => name === operation.tool);
    if (tool === undefined || operation.expect !== undefined || context.stop.aborted) continue;
    const name = printableLine(tool.name, 60);
    const base = (operation.params[0]?.['arguments'] ?? {}) as JsonObject;
    const { samples, missing } = await shapedData({
      tool,
      base,
      around: new Surroundings(),
      random: seededRandom('invalid-data').fork(tool.name),
      shape: 'invalid',
      bytes: 10_000,
      most: context.number('perTool'),
    });
    if (samples.length === 0) {
      found.notJudged.push(`${name}: ${missing.map((why) => why.replace(/^invalid: /, '')).join(', ')}`);
      continue;
    }
    const control = await tryArguments(await target.connection(), tool.name, base, timeoutMs);
    if (control.kind !== 'accepted') {
      found.notJudged.push(`${name}: its valid call is not answered well either, so a refusal says nothing`);
      if (control.kind === 'crash') await target.abandon();
      continue;
    }
    found.tools.push(name);
    lists.push(samples.map((sample) => ({ tool, sample })));
  }
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}

async function tryCases(
  context: TestContext,
  target: TrialTarget,
  cases: readonly Case[],
  found: Trials,
): Promise<void> {
  const endMs = performance.now() + context.number('budget');
  let breaks = 0;
  for (const [index, one] of cases.entries()) {
    const late = performance.now() > endMs;
    if (late || context.stop.aborted || breaks >= context.number('breaks')) {
      const why = late
        ? 'time was up'
        : context.stop.aborted
          ? 'the run was stopped'
          : `it broke ${breaks} times`;
      found.notJudged.push(`${cases.length - index} of ${cases.length} violations: ${why}`);
      return;
    }
    try {
      const trial = trialOf(one);
      // Kept at once: a target that does not come back still crashed on it.
      found.trials.push(trial);
      await tryCase(context, target, one, trial);
      if (trial.kinds.crash + trial.kinds.hang > 0) breaks++;
    } catch (error) {
      found.ended = printableLine(messageOf(error), 200);
      const untried = cases.length - index - (found.trials.at(-1)!.calls > 0 ? 1 : 0);
      found.notJudged.push(`${untried} of ${cases.length} violations: ${found.ended}`);
      return;
    }
  }
}

function trialOf({ tool, sample }: Case): Trial {
  return {
    tool: printableLine(tool.name, 60),
    violation: sample.name,
    keyword: sample.keyword ?? '',
    calls: 0,
    kinds: { refused: 0, accepted: 0, otherwise: 0, crash: 0, hang: 0 },
    said: undefined,
    again: undefined,
  };
}

async function tryCase(
  context: TestContext,
  target: TrialTarget,
  { tool, sample }: Case,
  trial: Trial,
): Promise<void> {
  const times = context.number('times');
  // A crash is tried once more, on a new target: the call before may have been its cause.
  for (let left = times; left > 0; left--) {
    const reaction = await tryArguments(
      await target.connection(),
      tool.name,
      sample.args,
      context.number('answer'),
    );
    trial.calls++;
    trial.kinds[reaction.kind]++;
    if (trial.kinds.crash > 0) trial.again = trial.calls > 1 ? reaction.kind === 'crash' : undefined;
    if (reaction.kind === 'crash') {
      trial.said ??= (await target.ended()) ?? reaction.said;
      await target.abandon();
      if (trial.kinds.crash > 1) break;
      if (times === 1) left++;
      continue;
    }
    if (reaction.kind === 'hang') {
      trial.said ??= reaction.said;
      if (!(await target.answers())) await target.abandon();
      break;
    }
    if (reaction.kind === 'otherwise') trial.said ??= reaction.said;
    if (trial.kinds.crash > 0) break;
  }
}
