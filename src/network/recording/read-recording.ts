import { isJsonObject, printableLine, usageError, type JsonObject } from '../../core/index.js';
import { recordingFormat, type RecordedCall, type Recording } from './format.js';

/** Nobody records for longer than a year, ms. */
const longestMs = 366 * 24 * 3_600_000;

/** More requests than this would not fit into a load's memory. */
const mostCalls = 1_000_000;

/**
 * Reads a recording of `dyno proxy --record`.
 *
 * @param name the file, for messages.
 * @throws DynoError (104): no recording, another version, cut off, damaged (with the line), or without a request.
 */
export function readRecording(text: string, name: string): Recording {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const head = parsed(lines[0]);
  const format = head?.['format'];
  if (head === undefined || typeof format !== 'string' || !format.startsWith('dyno.recording/')) {
    throw usageError(`${name} is no recording of dyno proxy`, 'Make one: dyno proxy --record FILE …');
  }
  if (format !== recordingFormat) {
    throw usageError(
      `${name} is a recording of version '${printableLine(format, 40)}', and this dyno reads '${recordingFormat}'`,
      'Record it again with this version.',
    );
  }
  const foot = parsed(lines.at(-1));
  if (lines.length < 2 || foot?.['end'] !== true) {
    const whole = lines.slice(1).filter((line) => parsed(line) !== undefined).length;
    throw usageError(
      `${name} is cut off after ${whole} requests: its last line, which says that it is whole, is missing`,
      `To use what is there, end it with a line {"end":true,"requests":${whole},"durationMs":…}.`,
    );
  }
  const calls = lines.slice(1, -1).map((line, index) => readCall(line, `${name}:${index + 2}`));
  if (foot['requests'] !== calls.length) {
    throw usageError(
      `${name} is damaged: it holds ${calls.length} requests, and its last line counts ${String(foot['requests'])}`,
    );
  }
  if (calls.length === 0) throw usageError(`${name} holds no request: nothing can be replayed`);
  if (calls.length > mostCalls)
    throw usageError(`${name} holds ${calls.length} requests; at most ${mostCalls} can be replayed`);
  calls.sort((a, b) => a.t - b.t);
  const duration = foot['durationMs'];
  const last = calls.at(-1)!.t;
  return {
    startedAt: typeof head['startedAt'] === 'string' ? head['startedAt'] : '',
    transport: head['transport'] === 'stdio' ? 'stdio' : 'http',
    durationMs: typeof duration === 'number' && duration >= last && duration <= longestMs ? duration : last,
    calls,
  };
}

function parsed(line: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line ?? '');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readCall(line: string, place: string): RecordedCall {
  const value = parsed(line);
  const { t, c, method, params } = value ?? {};
  const good =
    typeof t === 'number' &&
    t >= 0 &&
    t <= longestMs &&
    typeof c === 'number' &&
    typeof method === 'string' &&
    (params === undefined || isJsonObject(params));
  if (!good) throw usageError(`${place} is damaged: expected a request with t, c, method and params`);
  return { t, c, method, ...(isJsonObject(params) ? { params } : {}) };
}
