import { parseDuration, secrets, type Json, type JsonObject } from '../../core/index.js';
import { parseThreshold, type Threshold } from '../thresholds/index.js';
import type { Place } from './place.js';

/** The target of a config file, checked. */
export type ConfiguredTarget =
  | { kind: 'url'; url: string; headers: Record<string, string> }
  | { kind: 'command'; command: string; args: string[]; env: Record<string, string>; cwd?: string };

/** What is special about one tool, checked. */
export interface ToolSettings {
  /** Sets of arguments used in turn; empty: made from the schema. */
  args: JsonObject[];
  weight: number;
  allow: boolean;
  /** Never call it. */
  deny: boolean;
}

/** A call before or after the tests, checked. */
export interface ScriptedCall {
  tool: string;
  args: JsonObject;
  /** Name in templates → dotted path into the answer. */
  save: Record<string, string>;
  allowError: boolean;
}

/** An answer to a request of the server, checked. */
export type ScriptedReply = { delayMs: number } & (
  { result: JsonObject } | { error: { code: number; message: string } }
);

/** What a config file says about one test. */
export interface TestSettings {
  /** Counts, durations, levels, …: what the test itself knows. */
  parameters: JsonObject;
  /** Names a parameter in errors. */
  placeOf(parameter: string): string;
}

/** Reads `target`. */
export function readTarget(value: unknown, place: Place): ConfiguredTarget {
  if (typeof value === 'string') return { kind: 'url', url: place.text(value), headers: {} };
  const object = place.object(value, ['url', 'headers', 'command', 'args', 'env', 'cwd']);
  const isUrl = object['url'] !== undefined;
  if (isUrl === (object['command'] !== undefined)) {
    place.expected("an object with either 'url' or 'command'", value);
  }
  const strange = (isUrl ? ['args', 'env', 'cwd'] : ['headers']).find((key) => object[key] !== undefined);
  if (strange !== undefined) {
    place.at(strange).expected(`absent beside '${isUrl ? 'url' : 'command'}'`, object[strange]);
  }
  if (isUrl) {
    return {
      kind: 'url',
      url: place.at('url').text(object['url']),
      headers: place.at('headers').texts(object['headers'] ?? {}),
    };
  }
  const args = place.at('args').array(object['args'] ?? []);
  return {
    kind: 'command',
    command: place.at('command').text(object['command']),
    args: args.map((arg, index) => place.at('args', index).string(arg)),
    env: place.at('env').texts(object['env'] ?? {}),
    ...(object['cwd'] === undefined ? {} : { cwd: place.at('cwd').text(object['cwd']) }),
  };
}

/** Reads one entry of `tools`. */
export function readTool(value: unknown, place: Place): ToolSettings {
  if (value === false) return { args: [], weight: 1, allow: false, deny: true };
  const { args, weight, allow } = place.object(value, ['args', 'weight', 'allow']);
  const at = place.at('args');
  let sets: JsonObject[] = [];
  if (Array.isArray(args)) sets = args.map((set, index) => at.at(index).jsonObject(set));
  else if (args !== undefined) sets = [at.jsonObject(args)];
  secrets.addMembers(sets);
  return {
    args: sets,
    weight: weight === undefined ? 1 : place.at('weight').number(weight, 0),
    allow: allow === undefined ? false : place.at('allow').flag(allow),
    deny: false,
  };
}

/** Reads a list of thresholds; those of a test's own section belong to it. */
export function readThresholds(value: unknown, place: Place, test?: string): Threshold[] {
  return place.array(value).map((item, index) => {
    const here = place.at(index);
    const object =
      typeof item === 'string'
        ? { threshold: item }
        : here.object(item, ['threshold', 'abortOnFail', 'delay']);
    const text = (typeof item === 'string' ? here : here.at('threshold')).text(object['threshold']);
    const threshold = parseThreshold(text, here.name);
    if (test !== undefined && threshold.test !== undefined && threshold.test !== test) {
      here.expected(`a threshold of ${test}`, text);
    }
    const { abortOnFail, delay } = object as Record<string, unknown>;
    const abort = abortOnFail !== undefined && here.at('abortOnFail').flag(abortOnFail);
    if (delay !== undefined && !abort) here.at('delay').expected("absent without 'abortOnFail: true'", delay);
    return {
      ...threshold,
      ...(test === undefined ? {} : { test }),
      ...(abort ? { abortOnFail: { delayMs: readDuration(delay, here.at('delay')) } } : {}),
    };
  });
}

/** Reads one call of `setup` or `teardown`. */
export function readCall(value: unknown, place: Place): ScriptedCall {
  const { tool, args, save, allowError } = place.object(value, ['tool', 'args', 'save', 'allowError']);
  const given = place.at('args').jsonObject(args ?? {});
  secrets.addMembers(given);
  return {
    tool: place.at('tool').text(tool),
    args: given,
    save: place.at('save').texts(save ?? {}),
    allowError: allowError === undefined ? false : place.at('allowError').flag(allowError),
  };
}

/** Reads the replies to one method of `serverRequests`. */
export function readReplies(value: unknown, place: Place): ScriptedReply[] {
  if (!Array.isArray(value)) return [readReply(value, place)];
  if (value.length === 0) place.expected('at least one reply', value);
  return value.map((reply, index) => readReply(reply, place.at(index)));
}

function readReply(value: unknown, place: Place): ScriptedReply {
  const { result, error, delay } = place.object(value, ['result', 'error', 'delay']);
  const delayMs = readDuration(delay, place.at('delay'));
  if ((result === undefined) === (error === undefined)) {
    place.expected("an object with either 'result' or 'error'", value);
  }
  if (result !== undefined) return { delayMs, result: place.at('result').jsonObject(result) };
  const { code = -32603, message } = place.at('error').object(error, ['code', 'message']);
  return {
    delayMs,
    error: {
      code: place.at('error', 'code').integer(code),
      message: place.at('error', 'message').text(message),
    },
  };
}

/** Reads one entry of `tests`, but for its thresholds. */
export function readTest(value: unknown, place: Place): TestSettings {
  const parameters: Record<string, Json> = {};
  for (const [key, item] of Object.entries(place.record(value))) {
    if (key !== 'thresholds' && item !== undefined) parameters[key] = place.at(key).json(item);
  }
  return { parameters, placeOf: (parameter) => place.at(parameter).name };
}

function readDuration(value: unknown, place: Place): number {
  if (value === undefined || value === 0) return 0;
  if (typeof value !== 'string') place.expected("a duration such as '5s'", value);
  return parseDuration(value, place.name);
}
