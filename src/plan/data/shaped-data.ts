import { messageOf, type JsonObject, type Random } from '../../core/index.js';
import { checkerFor, type Checker, type Surroundings } from '../arguments/index.js';
import { generateArguments } from '../arguments/generate.js';
import type { CatalogueTool } from '../catalogue.js';
import { boundarySamples } from './boundary-samples.js';
import { validShapes, type DataSample, type DataShape, type ShapedData } from './data-shape.js';
import { deepSamples } from './deep-samples.js';
import { invalidSamples } from './invalid-samples.js';
import { largeSamples } from './large-samples.js';
import { isClosed, placesOf, valueAt, withValue, type Place } from './places.js';
import { smallSamples } from './small-samples.js';
import { unicodeSamples } from './unicode-samples.js';

/** What data of a shape is made from. */
export interface ShapeRequest {
  tool: CatalogueTool;
  /** Arguments that fit, best such as the tool is known to answer: what the shape does not change stays as in them. */
  base: JsonObject;
  around: Surroundings;
  random: Random;
  shape: DataShape;
  /** Of one set as JSON, for `large`; for `deep` at most. */
  bytes: number;
  /** Of boundary and of invalid ones; 100 unless given. */
  most?: number;
}

/**
 * Arguments of a shape on top of a tool's schema, each checked with ajv: valid ones fit, invalid ones break the schema in
 * exactly one way. The same seed gives the same.
 */
export async function shapedData(request: ShapeRequest): Promise<ShapedData> {
  const { tool, base, around, random, shape, most = 100 } = request;
  const schema = tool.inputSchema;
  let checker: Checker;
  try {
    checker = await checkerFor(schema);
  } catch (error) {
    return { samples: [], missing: [`${shape}: ${messageOf(error)}`] };
  }
  if (checker.errors(base).length > 0) {
    return { samples: [], missing: [`${shape}: no arguments are known that fit its schema`] };
  }
  const full = await fullArguments(tool, base, { around, random }, checker);
  const places = placesOf(schema, base, full, checker);
  if (shape === 'invalid') {
    const samples = invalidSamples(places, checker, most);
    return { samples, missing: samples.length > 0 ? [] : ['invalid: its schema forbids nothing'] };
  }
  const made = (shape === 'mixed' ? validShapes : [shape]).map((each) =>
    validData(each, places, checker, { ...request, most }),
  );
  const samples = made.flatMap((one) => one.samples).filter(({ args }) => checker.errors(args).length === 0);
  return { samples, missing: made.flatMap((one) => one.missing) };
}

function validData(
  shape: (typeof validShapes)[number],
  places: readonly Place[],
  checker: Checker,
  { tool, base, bytes, random, most }: ShapeRequest & { most: number },
): ShapedData {
  const whole = (samples: DataSample[], none: string): ShapedData => ({
    samples,
    missing: samples.length > 0 ? [] : [`${shape}: ${none}`],
  });
  switch (shape) {
    case 'small':
      return whole(smallSamples(tool.inputSchema, base, checker), 'nothing in it can be shorter');
    case 'deep':
      return whole(
        deepSamples(places, checker, bytes),
        'its schema has no object or list of any kind, nor does it refer to itself',
      );
    case 'unicode':
      return whole(unicodeSamples(places, checker), `its schema has no text${boundTexts(places)}`);
    case 'boundary':
      return whole(boundarySamples(places, checker, most), 'its schema draws no bounds');
    case 'large': {
      const large = largeSamples(places, checker, { bytes, random });
      if (large.samples.length === 0) {
        return whole([], 'its schema has no text or list that may be longer');
      }
      const short = large.bytes < bytes * 0.9;
      return {
        samples: large.samples,
        missing: short ? [`large: its schema bounds them to ${large.bytes} of ${bytes} bytes`] : [],
      };
    }
  }
}

function boundTexts(places: readonly Place[]): string {
  const bound = places.some(
    ({ value, schema }) =>
      typeof value === 'string' &&
      (isClosed(schema) || schema['pattern'] !== undefined || schema['format'] !== undefined),
  );
  return bound ? ' that may hold any characters' : '';
}

/** The given arguments with as many optional ones as the schema lets one add. */
async function fullArguments(
  tool: CatalogueTool,
  base: JsonObject,
  { around, random }: Pick<ShapeRequest, 'around' | 'random'>,
  checker: Checker,
): Promise<JsonObject> {
  try {
    const about = { name: tool.name, description: tool.description ?? '' };
    const made = await generateArguments(tool.inputSchema, {
      tool: about,
      around,
      random,
      attempt: { optionals: 'all', choice: 0 },
    });
    // Those that are given win; of a made one the places need only its value.
    return checker.errors(made).length === 0 ? made : merged(base, made, checker);
  } catch {
    return base;
  }
}

function merged(base: JsonObject, made: JsonObject, checker: Checker): JsonObject {
  let all = base;
  for (const name of Object.keys(made)) {
    if (Object.hasOwn(base, name)) continue;
    const more = withValue(all, [name], valueAt(made, [name])!);
    if (checker.errors(more).length === 0) all = more;
  }
  return all;
}
