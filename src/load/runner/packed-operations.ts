import type { OperationDelta } from '../recording/shard-delta.js';

const parts = ['latency', 'service', 'ttfb'] as const;

/**
 * The same deltas with their encodings in one block of memory: a long load keeps tens of thousands of them, and blocks of a
 * few hundred bytes each cost more than what is in them.
 */
export function packedOperations(operations: readonly OperationDelta[]): OperationDelta[] {
  let length = 0;
  for (const operation of operations) {
    for (const part of parts) length += operation[part]?.encoded.length ?? 0;
  }
  const block = new Uint8Array(length);
  let at = 0;
  return operations.map((operation) => {
    const packed = { ...operation };
    for (const part of parts) {
      const delta = operation[part];
      if (delta === undefined) continue;
      block.set(delta.encoded, at);
      packed[part] = { ...delta, encoded: block.subarray(at, (at += delta.encoded.length)) };
    }
    return packed;
  });
}
