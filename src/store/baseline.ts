import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DynoError, messageOf, usageError } from '../core/errors.js';
import { isJsonObject, type Json } from '../core/json.js';
import { nearest } from '../core/nearest.js';
import type { Metrics, RunResult } from '../core/run-result.js';
import { writeWhole } from './run-file.js';

/** The name of the contract of a baseline file. */
export const baselineSchema = 'dyno.baseline/1';

/** What later runs are compared with: small, stable, made to be committed and read in a diff. */
export interface Baseline {
  schema: typeof baselineSchema;
  name: string;
  /** The run it was taken from. */
  run: string;
  startedAt: string;
  tool: string;
  commit?: string;
  environment: { cpu: string; cores: number; os: string; node: string };
  target: { kind: string; server: string; protocolVersion?: string; tools?: number; catalogueBytes?: number };
  /** The options that shape the load, as they are written; absent in files of before. */
  plan?: Record<string, string>;
  /** Metrics and exercised operations by test; values to six digits. */
  tests: Record<string, { operations: string[]; metrics: Metrics }>;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** What says nothing about a later run. */
const transient = /^(schedule_lag|answers\.|sessions\.)/;

/**
 * The baseline of a run: every value that a later run can be compared with, in a fixed order.
 *
 * @throws DynoError (104) for a run without a single call, or a name that is no file name.
 */
export function baselineOf(name: string, run: RunResult): Baseline {
  checkName(name);
  const calls = run.tests.reduce((sum, test) => sum + (test.metrics['calls.total']?.value ?? 0), 0);
  if (calls === 0) {
    throw usageError(
      `The run ${run.id} made no calls: nothing can be compared with it`,
      'Take a run that measured something.',
    );
  }
  const { environment, target } = run;
  const { serverInfo } = target;
  const plan = planOf(run);
  const tests = sorted(
    run.tests
      .filter((test) => (test.metrics['calls.total']?.value ?? 0) > 0)
      .map(
        (test) =>
          [
            test.id,
            { operations: Object.keys(test.operations).sort(), metrics: kept(test.metrics) },
          ] as const,
      ),
  );
  return {
    schema: baselineSchema,
    name,
    run: run.id,
    startedAt: run.startedAt,
    tool: `${run.tool.name} ${run.tool.version}`,
    ...(environment.git ? { commit: environment.git.commit } : {}),
    environment: {
      cpu: environment.cpu,
      cores: environment.cores,
      os: environment.os,
      node: environment.node,
    },
    target: {
      kind: target.kind,
      server: serverInfo
        ? `${serverInfo.name} ${serverInfo.version}`
        : (target.url ?? target.command ?? target.kind),
      ...(target.protocolVersion === undefined ? {} : { protocolVersion: target.protocolVersion }),
      ...(target.tools === undefined ? {} : { tools: target.tools }),
      ...(target.catalogueBytes === undefined ? {} : { catalogueBytes: target.catalogueBytes }),
    },
    ...(Object.keys(plan).length === 0 ? {} : { plan }),
    tests,
  };
}

/** Writes `DIR/NAME.json`, whole or not at all. @throws DynoError (1) when it cannot. */
export async function saveBaseline(directory: string, baseline: Baseline): Promise<string> {
  const path = pathOf(directory, baseline.name);
  try {
    await writeWhole(path, `${JSON.stringify(baseline, null, 2).replace(metricBlock, oneLine)}\n`);
    return path;
  } catch (cause) {
    throw new DynoError(`The baseline cannot be written to ${path}: ${messageOf(cause)}`, {
      code: 'baseline-file',
      cause,
    });
  }
}

/**
 * Reads a baseline.
 *
 * @throws DynoError (104) when there is none of this name, when it is damaged, of another schema, or without any sample.
 */
export async function readBaseline(directory: string, name: string): Promise<Baseline> {
  const path = pathOf(directory, name);
  const text = await readFile(path, 'utf8').catch(async () => {
    const names = await listBaselines(directory);
    const near = nearest(name, names);
    const hint =
      near === undefined ? 'dyno baseline save NAME makes one from a run.' : `Did you mean '${near}'?`;
    throw usageError(`There is no baseline '${name}' in ${directory}`, hint);
  });
  return parseBaseline(text, path);
}

/** The baseline in a text. @throws DynoError (104) that says what is wrong with it. */
export function parseBaseline(text: string, path: string): Baseline {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw usageError(
      `The baseline ${path} is damaged: ${messageOf(cause)}`,
      'Save it again from a run.',
      cause,
    );
  }
  const schema = isJsonObject(value) ? value['schema'] : undefined;
  if (schema !== baselineSchema) {
    const found =
      typeof schema === 'string' ? `its schema is '${schema.slice(0, 60)}'` : 'it names no schema';
    throw usageError(
      `${path} is no baseline of this version: expected ${baselineSchema}, ${found}`,
      'Save it again from a run.',
    );
  }
  const baseline = value as unknown as Baseline;
  const whole =
    isJsonObject(baseline.tests) && isJsonObject(baseline.environment) && isJsonObject(baseline.target);
  const tests = whole ? Object.values(baseline.tests) : [];
  if (
    !whole ||
    tests.some(
      (test) => !isJsonObject(test) || !isJsonObject(test.metrics) || !Array.isArray(test.operations),
    )
  ) {
    throw usageError(`The baseline ${path} is damaged: a part of it is missing`, 'Save it again from a run.');
  }
  if (!tests.some(({ metrics }) => (metrics['calls.total']?.value ?? 0) > 0)) {
    throw usageError(
      `The baseline ${path} has no samples: nothing can be compared with it`,
      'Save it again from a run.',
    );
  }
  return baseline;
}

/** The names of the baselines of a folder, sorted. */
export async function listBaselines(directory: string): Promise<string[]> {
  const files = await readdir(directory).catch(() => []);
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5))
    .filter((name) => namePattern.test(name))
    .sort();
}

/** Deletes a baseline. @throws DynoError (104) when there is none of this name. */
export async function removeBaseline(directory: string, name: string): Promise<void> {
  await rm(pathOf(directory, name)).catch((cause: unknown) => {
    throw usageError(`There is no baseline '${name}' in ${directory}`, 'See dyno baseline list.', cause);
  });
}

/** Something beside the build that differs between a run and what it is held against. */
export interface Mismatch {
  /** One sentence. */
  text: string;
  /** Whether it is only told, makes small changes say nothing, or leaves nothing to compare. */
  effect: 'tell' | 'widen' | 'void';
  /** The test that it is about; absent for all. */
  test?: string;
}

/**
 * What makes a run and a baseline hard to compare, a sentence each, gravest first: another server or tool set, other
 * operations, another plan, another machine or runtime.
 *
 * @param base what the baseline is called in the sentences.
 */
export function mismatches(
  baseline: Baseline,
  run: Pick<RunResult, 'environment' | 'target' | 'plan' | 'tests'>,
  base = 'the baseline',
): Mismatch[] {
  const now = baselineParts(run);
  const found: Mismatch[] = [];
  const differ = (effect: Mismatch['effect'], what: string, before: unknown, after: unknown) => {
    if (before !== undefined && after !== undefined && before !== after) {
      found.push({ effect, text: `${what}: ${String(before)} in ${base}, now ${String(after)}.` });
    }
  };
  differ('tell', 'Other tool set, number of tools', baseline.target.tools, now.target.tools);
  for (const [id, { operations }] of Object.entries(baseline.tests)) {
    const test = run.tests.find((one) => one.id === id);
    if (test === undefined) continue;
    const called = new Set(Object.keys(test.operations));
    const lost = operations.filter((name) => !called.has(name));
    const extra = [...called].filter((name) => !operations.includes(name));
    if (lost.length + extra.length > 0) {
      const parts = [
        lost.length > 0 ? `without ${short(lost)}` : '',
        extra.length > 0 ? `with ${short(extra)}` : '',
      ];
      const text = `Other tools called in ${id}: ${parts.filter((part) => part !== '').join(', ')}.`;
      found.push({ effect: 'void', text, test: id });
    }
  }
  const plan = planOf(run);
  for (const [key, value] of Object.entries(baseline.plan ?? {})) {
    // How long, and how much is cut, changes how sure a figure is; everything else changes the figure.
    const effect = /^(profile|duration|requests|warmup)$/.test(key) ? 'widen' : 'void';
    differ(effect, `Other plan, ${key}`, value, plan[key]);
  }
  differ('widen', 'Other transport', baseline.target.kind, now.target.kind);
  differ('widen', 'Other protocol version', baseline.target.protocolVersion, now.target.protocolVersion);
  differ(
    'void',
    'Other machine',
    `${baseline.environment.cpu} × ${baseline.environment.cores}`,
    `${now.environment.cpu} × ${now.environment.cores}`,
  );
  differ('widen', 'Other system', baseline.environment.os, now.environment.os);
  differ('widen', 'Other Node', baseline.environment.node, now.environment.node);
  return found;
}

function baselineParts({
  environment,
  target,
}: Pick<RunResult, 'environment' | 'target'>): Pick<RunResult, 'environment' | 'target'> {
  return { environment, target };
}

/** Options that decide what a figure means. */
const shaping = [
  'profile',
  'connections',
  'rate',
  'arrivals',
  'stages',
  'thinkTime',
  'burst',
  'burstParallel',
  'chain',
  'duration',
  'requests',
  'warmup',
  'session',
  'workers',
];

function planOf({ plan }: Pick<RunResult, 'plan'>): Record<string, string> {
  const { options } = plan;
  if (!isJsonObject(options)) return {};
  const entries = shaping.flatMap((key): [string, string][] => {
    const option = options[key];
    const value = isJsonObject(option) ? option['value'] : undefined;
    return typeof value === 'string' ? [[key, value]] : [];
  });
  return Object.fromEntries(entries);
}

function short(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => name.replace(/^tools\/call /, ''));
  return shown.join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
}

function kept(metrics: Metrics): Metrics {
  const round = (value: number) => Number(value.toPrecision(6));
  return sorted(
    Object.entries(metrics)
      .filter(([name, { value }]) => value !== null && !transient.test(name))
      .map(([name, { value, unit, ci95 }]) => [
        name,
        {
          value: round(value!),
          unit,
          ...(ci95 ? { ci95: [round(ci95[0]), round(ci95[1])] as [number, number] } : {}),
        },
      ]),
  );
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** A metric in one line, so that a diff shows it once. */
const metricBlock = /\{\n\s*"value": [^{}]*?\}/g;

function oneLine(block: string): string {
  return block.replace(/\s*\n\s*/g, ' ');
}

function pathOf(directory: string, name: string): string {
  checkName(name);
  return join(directory, `${name}.json`);
}

function checkName(name: string): void {
  if (namePattern.test(name)) return;
  throw usageError(
    `'${name}' is no name for a baseline`,
    'Letters, digits, dots, dashes and underscores, at most 100.',
  );
}
