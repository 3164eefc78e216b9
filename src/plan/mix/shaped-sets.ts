import { printableLine, usageError, type JsonObject, type Random } from '../../core/index.js';
import type { Surroundings } from '../arguments/index.js';
import type { CatalogueTool } from '../catalogue.js';
import { shapedData, type DataSample, type DataShape } from '../data/index.js';
import type { Expectation } from '../load-plan.js';
import { errorText, type CallAnswer, type ToolCaller } from './caller.js';

/** What `--data` asks for. */
export interface DataWish {
  shape: DataShape;
  /** Bytes of large arguments. */
  bytes: number;
}

/** What a tool's operation is made of instead of its plain arguments; nothing where they stay. */
export interface ShapedSets {
  sets?: readonly JsonObject[];
  expect?: Expectation;
  /** What a reader has to know, a sentence each. */
  warnings: string[];
}

/** Trying each set before the load may take so long for one tool, ms; those after it are used untried. */
const tryMs = 5000;

/**
 * The arguments of a shape for a tool that is known to answer `base`. Valid ones are tried once: what the tool refuses, though
 * its schema allows it, leaves the mix with a warning, and where nothing is left the tool keeps its plain arguments.
 *
 * @throws DynoError (104) where arguments are larger than the server takes, with the size and what it answered.
 */
export async function shapedSets(
  tool: CatalogueTool,
  base: JsonObject,
  wish: DataWish,
  { around, random, caller }: { around: Surroundings; random: Random; caller: ToolCaller | undefined },
): Promise<ShapedSets> {
  const name = printableLine(tool.name, 60);
  const { samples, missing } = await shapedData({ tool, base, around, random, ...wish });
  // One shape of several that a schema has no room for is no news; none of them is.
  const wanted = wish.shape !== 'mixed' || samples.length === 0 ? missing : [];
  const warnings = wanted.map(
    (why) => `${name} has no ${what(wish)} (${printableLine(why, 200)})${instead(samples)}`,
  );
  if (samples.length === 0) return { warnings };
  if (wish.shape === 'invalid') {
    return { sets: argsOf(samples), expect: { outcome: 'refused', violations: namesOf(samples) }, warnings };
  }
  const { taken, refused } = await tried(tool, samples, caller);
  if (refused.length > 0) warnings.push(refusal(name, samples.length, refused, taken.length === 0));
  return taken.length === 0 ? { warnings } : { sets: argsOf(taken), warnings };
}

const argsOf = (samples: readonly DataSample[]) => samples.map(({ args }) => args);
const namesOf = (samples: readonly DataSample[]) => samples.map((sample) => sample.name);

function what({ shape, bytes }: DataWish): string {
  return shape === 'large' ? `large data of ${bytes} bytes` : `${shape === 'mixed' ? 'shaped' : shape} data`;
}

function instead(samples: readonly DataSample[]): string {
  return samples.length > 0 ? '; what there is of it is used' : '; its plain arguments are used';
}

interface Refused {
  sample: DataSample;
  answer: CallAnswer;
}

async function tried(
  tool: CatalogueTool,
  samples: readonly DataSample[],
  caller: ToolCaller | undefined,
): Promise<{ taken: DataSample[]; refused: Refused[] }> {
  if (caller === undefined) return { taken: [...samples], refused: [] };
  const taken: DataSample[] = [];
  const refused: Refused[] = [];
  let ms = 0;
  for (const sample of samples) {
    if (ms > tryMs) {
      taken.push(sample);
      continue;
    }
    const answer = await answerTo(tool, sample, caller);
    ms += answer.ms;
    if (answer.ok ? answer.isError : answer.class === 'rpc') refused.push({ sample, answer });
    // An answer that is broken in another way is the server's own fault, and worth measuring.
    else taken.push(sample);
  }
  return { taken, refused };
}

/** One call; what a server cannot take for its size ends the run, as every call of the load would fail so. */
async function answerTo(tool: CatalogueTool, sample: DataSample, caller: ToolCaller): Promise<CallAnswer> {
  const size = sizeOf(sample);
  let said: string;
  let cause: unknown;
  try {
    const answer = await caller.call(tool.name, sample.args);
    if (answer.ok || sample.shape !== 'large' || !refusesSize(answer)) return answer;
    said = answer.message;
  } catch (error) {
    if (sample.shape !== 'large') throw named(error, tool, sample);
    said = error instanceof Error ? error.message : String(error);
    cause = error;
  }
  throw usageError(
    `The server does not take ${size} bytes of arguments for ${printableLine(tool.name, 60)}: ${printableLine(said, 200)}`,
    'Ask for less with --data-size, or raise the limit of the server.',
    cause,
  );
}

function sizeOf({ args }: DataSample): number {
  return Buffer.byteLength(JSON.stringify(args));
}

function refusesSize(answer: Extract<CallAnswer, { ok: false }>): boolean {
  if (answer.class === 'transport' || answer.class === 'connect') return true;
  return answer.class === 'http' || /too (large|big|long)|exceed|limit/i.test(answer.message);
}

/** A connection that ended in a call: with what it was sent. */
function named(error: unknown, { name }: CatalogueTool, sample: DataSample): unknown {
  if (error instanceof Error)
    error.message = `${error.message} (${printableLine(name, 60)} was sent ${sample.shape} data: ${sample.name})`;
  return error;
}

function refusal(tool: string, all: number, refused: readonly Refused[], none: boolean): string {
  const [first] = refused;
  const said = first === undefined ? '' : printableLine(errorText(first.answer), 120);
  const which = first === undefined ? '' : `${first.sample.shape}: ${first.sample.name}`;
  return (
    `${tool} refused ${refused.length} of ${all} sets of made data that its schema allows, left out (first ${which}: ${said})` +
    (none ? '; its plain arguments are used' : '')
  );
}
