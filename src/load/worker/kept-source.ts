import type { StopReport } from '../../target/index.js';
import type { SourceOptions } from '../lanes/http-source.js';
import type { LaneSource } from '../lanes/lane.js';
import type { LoadTarget } from '../load-target.js';

/** What one load leaves running for the next: the process of a stdio target. */
export class KeptSource {
  readonly #stops: StopReport[] = [];
  #kept: { target: string; source: LaneSource } | undefined;

  /** Keeps a source that can be used again; false where it cannot. */
  put(target: LoadTarget, source: LaneSource): boolean {
    if (source.use === undefined) return false;
    this.#kept = { target: JSON.stringify(target), source };
    return true;
  }

  /**
   * The kept source, made ready for another load; undefined where there is none of this target.
   *
   * @throws DynoError (111) when its process has ended meanwhile.
   */
  async take(target: LoadTarget, options: SourceOptions): Promise<LaneSource | undefined> {
    const kept = this.#kept;
    if (kept === undefined) return undefined;
    if (kept.target !== JSON.stringify(target)) {
      await this.#stop();
      return undefined;
    }
    try {
      kept.source.use!(options);
    } catch (error) {
      await this.#stop();
      throw error;
    }
    this.#kept = undefined;
    return kept.source;
  }

  /** Stops what is kept; how everything that was stopped here came to its end. */
  async close(): Promise<StopReport[]> {
    await this.#stop();
    return this.#stops;
  }

  async #stop(): Promise<void> {
    const report = await this.#kept?.source.close();
    this.#kept = undefined;
    if (report !== undefined) this.#stops.push(report);
  }
}
