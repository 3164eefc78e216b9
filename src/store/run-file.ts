import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { DynoError, messageOf, usageError } from '../core/errors.js';
import { isJsonObject, type Json } from '../core/json.js';
import { runSchema, type RunResult } from '../core/run-result.js';

/** The name of a run's file in its folder. */
export const runFileName = 'run.json.gz';

const compressed = promisify(gzip);
const expanded = promisify(gunzip);
/** No run is larger; a file that claims to be would only fill memory. */
const mostBytes = 256 * 1024 * 1024;

/**
 * Writes a file so that it is either whole or not there: into one beside it, flushed, then renamed.
 *
 * @throws the error of the file system; nothing half-written stays behind.
 */
export async function writeWhole(path: string, data: string | Uint8Array): Promise<void> {
  const special = await stat(path).catch(() => undefined);
  if (special !== undefined && !special.isFile()) {
    // A pipe or a device is written to, never replaced.
    await writeFile(path, data);
    return;
  }
  const partial = `${path}.${process.pid}.partial`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(partial, 'w');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Writes `DIR/ID/run.json.gz`, whole or not at all.
 *
 * @returns the path.
 * @throws DynoError (1) that says why nothing could be written, such as a full disk.
 */
export async function writeRunFile(directory: string, result: RunResult): Promise<string> {
  const folder = join(directory, result.id);
  const path = join(folder, runFileName);
  try {
    await writeWhole(path, await compressed(JSON.stringify(result)));
    return path;
  } catch (cause) {
    throw new DynoError(`The run file cannot be written to ${folder}: ${messageOf(cause)}`, {
      code: 'run-file',
      hint: 'Name another folder with --run-dir; the result itself is not lost, --json prints it.',
      cause,
    });
  }
}

/**
 * Reads a run from a file, compressed or not.
 *
 * @throws DynoError (104) for a file that is not there, damaged, or no `dyno.run/1`.
 */
export async function readRunFile(path: string): Promise<RunResult> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw usageError(
      `The run file ${path} cannot be read: ${messageOf(cause)}`,
      'See dyno history for what is stored.',
      cause,
    );
  }
  return parseRun(await textOf(bytes, path), path);
}

async function textOf(bytes: Buffer, path: string): Promise<string> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return (await expanded(bytes, { maxOutputLength: mostBytes })).toString('utf8');
  } catch (cause) {
    throw damaged(path, messageOf(cause), cause);
  }
}

/** The run in a text. @throws DynoError (104) that says what is wrong with it. */
export function parseRun(text: string, path: string): RunResult {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw damaged(path, messageOf(cause), cause);
  }
  const schema = isJsonObject(value) ? value['schema'] : undefined;
  if (schema !== runSchema) {
    const found =
      typeof schema === 'string' ? `its schema is '${schema.slice(0, 60)}'` : 'it names no schema';
    throw usageError(`${path} is no run of this version: expected ${runSchema}, ${found}`);
  }
  const run = value as unknown as RunResult;
  const fault = faultOf(run);
  if (fault !== undefined) throw damaged(path, fault);
  return run;
}

/** What is missing of what every reader relies on. */
function faultOf(run: RunResult): string | undefined {
  const object = (part: unknown) => isJsonObject(part);
  if (typeof run.id !== 'string' || typeof run.startedAt !== 'string') return 'it has no id or start';
  if (!object(run.environment) || !object(run.target) || !object(run.verdict) || !object(run.tool)) {
    return 'its environment, target, tool or verdict is missing';
  }
  if (!Array.isArray(run.tests) || !Array.isArray(run.warnings)) return 'its tests or warnings are missing';
  const whole = run.tests.every(
    (test) =>
      isJsonObject(test) &&
      typeof test.id === 'string' &&
      [test.metrics, test.operations, test.series, test.histograms].every(object) &&
      [test.thresholds, test.failures, test.samples, test.notJudged, test.notes, test.series.t].every(
        Array.isArray,
      ),
  );
  return whole ? undefined : 'one of its tests is incomplete';
}

function damaged(path: string, why: string, cause?: unknown): DynoError {
  return usageError(
    `The run file ${path} is damaged: ${why}`,
    'Delete its folder; the other runs are not affected.',
    cause,
  );
}
