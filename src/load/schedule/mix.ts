import type { OperationPlan } from '../../plan/load-plan.js';
import type { CallTemplate } from '../lanes/call-template.js';

/**
 * Which call has which global index: decided by seed and index alone, so that any number of load threads makes the same
 * calls as one.
 */
export class Mix {
  readonly #templates: readonly (readonly CallTemplate[])[];
  readonly #thresholds: number[];
  readonly #seed: number;

  constructor(
    operations: readonly OperationPlan[],
    templates: readonly (readonly CallTemplate[])[],
    seed: number,
  ) {
    const total = operations.reduce((sum, operation) => sum + operation.weight, 0);
    let sum = 0;
    this.#thresholds = operations.map((operation) => (sum += operation.weight / total) * 4294967296);
    this.#templates = templates;
    this.#seed = Math.imul(seed | 0, 0x9e3779b1);
  }

  /** The call with this global index. */
  pick(index: number): CallTemplate {
    const variants = this.#templates[this.#operation(index)]!;
    return variants.length === 1 ? variants[0]! : variants[index % variants.length]!;
  }

  #operation(index: number): number {
    if (this.#templates.length === 1) return 0;
    const drawn = scramble(this.#seed + index);
    let operation = 0;
    while (operation < this.#templates.length - 1 && drawn >= this.#thresholds[operation]!) operation++;
    return operation;
  }
}

/** Spreads a whole number over 32 bits (lowbias32, Chris Wellons, "Prospecting for hash functions"). */
function scramble(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
