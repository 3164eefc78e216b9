import { Recorder, type RecorderDelta } from '../recording/recorder.js';
import { Summary } from '../recording/summary.js';

/** Durations over the whole life of a holder, which may be asked for at any time. */
export class StreamTimes {
  readonly #recorder = new Recorder();
  readonly #summary = new Summary();

  record(ms: number): void {
    this.#recorder.record(ms);
  }

  /** All so far; undefined where there are none. */
  delta(): RecorderDelta | undefined {
    const delta = this.#recorder.drain();
    if (delta !== undefined) this.#summary.addDelta(delta);
    return this.#summary.toDelta();
  }
}
