import {
  hiding,
  optionEntries,
  type ConfigValues,
  type OptionKey,
  type ValueType,
} from '../options/index.js';
import type { Threshold } from '../thresholds/index.js';
import { readConfigSource } from './config-source.js';
import { Place } from './place.js';
import {
  readCall,
  readReplies,
  readTarget,
  readTest,
  readThresholds,
  readTool,
  type ConfiguredTarget,
  type ScriptedCall,
  type ScriptedReply,
  type TestSettings,
  type ToolSettings,
} from './sections.js';

/** A config file, checked. */
export interface LoadedConfig {
  /** As named in messages. */
  file: string;
  /** Its part of the option table. */
  options: ConfigValues;
  target?: ConfiguredTarget;
  tools: ReadonlyMap<string, ToolSettings>;
  thresholds: Threshold[];
  setup: ScriptedCall[];
  teardown: ScriptedCall[];
  serverRequests: ReadonlyMap<string, ScriptedReply[]>;
  tests: ReadonlyMap<string, TestSettings>;
}

/** Options that a config file may set. */
export const configurableOptions = optionEntries.filter(([, spec]) => !spec.flagOnly && !spec.notInConfig);

/** Keys of a config file that are no options. */
export const sectionKeys = [
  '$schema',
  'target',
  'tools',
  'thresholds',
  'setup',
  'teardown',
  'serverRequests',
  'tests',
] as const;

/**
 * Reads and checks a config file.
 *
 * @throws DynoError (104) with file, line where known, and what was expected.
 */
export async function loadConfig(file: string, cwd: string): Promise<LoadedConfig> {
  const source = await readConfigSource(file, cwd);
  const place = new Place(source);
  const object = place.object(source.value ?? {}, [
    ...sectionKeys,
    ...configurableOptions.map(([key]) => key),
  ]);
  const values: Partial<Record<OptionKey, unknown>> = {};
  for (const [key, spec] of configurableOptions) {
    if (object[key] === undefined) continue;
    // Checked for every command, so that a slip shows at once and not only when that command runs.
    hiding(spec, () => (spec.type as ValueType<unknown>).read(object[key], place.at(key).name));
    values[key] = object[key];
  }
  const { target, thresholds } = object;
  return {
    file,
    options: { values, placeOf: (key) => source.placeOf([key]) },
    ...(target === undefined ? {} : { target: readTarget(target, place.at('target')) }),
    tools: section(object['tools'], place.at('tools'), readTool),
    thresholds: [
      ...(thresholds === undefined ? [] : readThresholds(thresholds, place.at('thresholds'))),
      ...[...section(object['tests'], place.at('tests'), readTestThresholds).values()].flat(),
    ],
    setup: calls(object['setup'], place.at('setup')),
    teardown: calls(object['teardown'], place.at('teardown')),
    serverRequests: section(object['serverRequests'], place.at('serverRequests'), readReplies),
    tests: section(object['tests'], place.at('tests'), readTest),
  };
}

function readTestThresholds(value: unknown, place: Place): Threshold[] {
  const { thresholds } = place.record(value);
  return thresholds === undefined
    ? []
    : readThresholds(thresholds, place.at('thresholds'), String(place.path.at(-1)));
}

function calls(value: unknown, place: Place): ScriptedCall[] {
  if (value === undefined) return [];
  return place.array(value).map((call, index) => readCall(call, place.at(index)));
}

function section<T>(value: unknown, place: Place, read: (value: unknown, place: Place) => T): Map<string, T> {
  if (value === undefined) return new Map();
  return new Map(Object.entries(place.record(value)).map(([key, item]) => [key, read(item, place.at(key))]));
}
