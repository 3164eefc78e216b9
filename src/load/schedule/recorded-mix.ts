import type { RecordedArrival } from '../../plan/load-plan.js';
import type { CallTemplate } from '../lanes/call-template.js';

/** Which call has which global index, where a recording says so. */
export class RecordedMix {
  readonly #templates: readonly (readonly CallTemplate[])[];
  readonly #calls: readonly RecordedArrival[];

  constructor(templates: readonly (readonly CallTemplate[])[], calls: readonly RecordedArrival[]) {
    this.#templates = templates;
    this.#calls = calls;
  }

  /** The call with this global index; a warm-up makes those of the beginning again. */
  pick(index: number): CallTemplate {
    const { operation, variant } = this.#calls[index % this.#calls.length]!;
    return this.#templates[operation]![variant]!;
  }
}
