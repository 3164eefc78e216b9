import type { JsonObject } from '../../core/index.js';

/** The format of recordings: JSON lines, a head, one line per request, a foot that says that it is whole. */
export const recordingFormat = 'dyno.recording/1';

/** The first line. */
export interface RecordingHead {
  format: typeof recordingFormat;
  /** ISO 8601, UTC. */
  startedAt: string;
  transport: 'http' | 'stdio';
}

/** One request of a client. */
export interface RecordedCall {
  /** ms from the beginning of the recording. */
  t: number;
  /** The connection that it came on, counted from 0. */
  c: number;
  method: string;
  /** Without `_meta`, and with secrets replaced. */
  params?: JsonObject;
}

/** The last line. */
export interface RecordingFoot {
  end: true;
  requests: number;
  durationMs: number;
}

/** A recording, read and checked. */
export interface Recording {
  startedAt: string;
  transport: RecordingHead['transport'];
  durationMs: number;
  /** In the order of their times. */
  calls: RecordedCall[];
}
